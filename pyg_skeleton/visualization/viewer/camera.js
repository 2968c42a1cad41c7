/** A view of a scene: an orbit around a center, or straight onto a flat one. */
class Camera {
  /** @param fit what Python found: center, radius, azimuth. */
  constructor(fit, flat) {
    this.fit = fit;
    this.flat = flat;
    this.reset();
  }

  reset() {
    this.azimuth = this.flat ? 0 : this.fit.azimuth;
    this.elevation = this.flat ? 0 : 10;
    this.zoom = 1;
    this.shift = [0, 0, 0];
  }

  /** Turns by pixels. */
  orbit(dx, dy) {
    if (this.flat) return this.pan(dx, dy);
    this.azimuth -= 0.4 * dx;
    this.elevation = Math.max(-89, Math.min(89, this.elevation + 0.4 * dy));
  }

  /** Moves the scene by pixels. */
  pan(dx, dy) {
    const { cosA, sinA, cosE, sinE } = this.angles();
    const right = -dx / this.scale;
    const up = dy / this.scale;
    this.shift[0] += right * cosA - up * sinE * sinA;
    this.shift[1] += up * cosE;
    this.shift[2] += -right * sinA - up * sinE * cosA;
  }

  magnify(factor) {
    this.zoom = Math.max(0.1, Math.min(40, this.zoom * factor));
  }

  angles() {
    const a = (this.azimuth * Math.PI) / 180;
    const e = (this.elevation * Math.PI) / 180;
    return { cosA: Math.cos(a), sinA: Math.sin(a), cosE: Math.cos(e), sinE: Math.sin(e) };
  }

  /** Prepares `project` for a panel and the center of a frame. */
  aim(panel, center) {
    Object.assign(this, this.angles());
    this.center = center.map((value, i) => value + this.shift[i]);
    this.x = panel.x + panel.width / 2;
    this.y = panel.y + panel.height / 2;
    const half = Math.min(panel.width / this.fit.aspect, panel.height) / 2;
    this.scale = (0.9 * half * this.zoom) / this.fit.radius;
    this.distance = 4 * this.fit.radius;
  }

  /** Writes x and y in pixels, the depth toward the viewer and the magnification to `out`. */
  project(point, out) {
    const x = point[0] - this.center[0];
    const y = point[1] - this.center[1];
    const z = point[2] - this.center[2];
    const right = x * this.cosA - z * this.sinA;
    const level = x * this.sinA + z * this.cosA;
    const up = y * this.cosE - level * this.sinE;
    const near = y * this.sinE + level * this.cosE;
    const closer = this.flat ? 1 : this.distance / Math.max(this.distance - near, 0.05 * this.distance);
    out[0] = this.x + right * this.scale * closer;
    out[1] = this.y - up * this.scale * closer;
    out[2] = near;
    out[3] = this.scale * closer;
  }

  /** Whether a point is in front of the viewer. */
  sees(projected) {
    return this.flat || projected[2] < 0.9 * this.distance;
  }
}
