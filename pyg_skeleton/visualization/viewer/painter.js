/** Draws frames on a canvas. */
class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.readTheme();
  }

  readTheme() {
    const style = getComputedStyle(this.canvas);
    const color = (name) => style.getPropertyValue(`--${name}`).trim();
    this.side = { l: color("left"), r: color("right"), c: color("center") };
    this.own = [1, 2, 3, 4, 5, 6].map((i) => color(`clip-${i}`));
    this.ramp = [color("low"), color("middle"), color("high")].map(parseColor);
    this.paper = color("paper");
    this.ink = color("ink");
    this.faint = color("faint");
    this.positive = color("positive");
    this.negative = color("negative");
  }

  /** Fits the canvas to its box; the size in CSS pixels. */
  resize() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { x: 0, y: 0, width, height };
  }

  clear(box) {
    this.context.fillStyle = this.paper;
    this.context.fillRect(box.x, box.y, box.width, box.height);
  }

  /** The color of a share from 0 to 1 of a scale of errors. */
  shade(share) {
    const place = 2 * Math.max(0, Math.min(1, share));
    const [from, to] = place < 1 ? [0, 1] : [1, 2];
    const mixed = this.ramp[from].map((v, i) => Math.round(v + (this.ramp[to][i] - v) * (place - from)));
    return `rgb(${mixed.join(",")})`;
  }

  line(a, b, color, width, alpha = 1) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(a[0], a[1]);
    context.lineTo(b[0], b[1]);
    context.stroke();
    context.globalAlpha = 1;
  }

  dot(at, radius, color, alpha = 1) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.fillStyle = color;
    context.beginPath();
    context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    context.fill();
    context.globalAlpha = 1;
  }

  text(words, x, y, align = "left", color = this.ink) {
    const { context } = this;
    context.font = Painter.FONT;
    context.textAlign = align;
    context.lineJoin = "round";
    context.strokeStyle = this.paper;
    context.lineWidth = 3;
    context.strokeText(words, x, y);
    context.fillStyle = color;
    context.fillText(words, x, y);
  }

  /** The width of words in pixels. */
  width(words) {
    this.context.font = Painter.FONT;
    return this.context.measureText(words).width;
  }

  /** A grid on the ground around the center of the view. */
  ground(camera, fit) {
    const step = fit.grid;
    const reach = step * Math.ceil((1.6 * fit.radius) / step);
    const [midX, midZ] = [0, 2].map((i) => step * Math.round(camera.center[i] / step));
    const [a, b] = [[0, 0, 0, 0], [0, 0, 0, 0]];
    const rule = (x1, z1, x2, z2) => {
      camera.project([x1, fit.floor, z1], a);
      camera.project([x2, fit.floor, z2], b);
      if (camera.sees(a) && camera.sees(b)) this.line(a, b, this.faint, 1);
    };
    for (let at = -reach; at <= reach + step / 2; at += step) {
      rule(midX + at, midZ - reach, midX + at, midZ + reach);
      rule(midX - reach, midZ + at, midX + reach, midZ + at);
    }
  }

  picture(camera, image) {
    const size = camera.fit.picture || [image.naturalWidth, image.naturalHeight];
    const [a, b] = [[0, 0, 0, 0], [0, 0, 0, 0]];
    camera.project([0, 0, 0], a);
    camera.project([size[0], -size[1], 0], b);
    this.context.globalAlpha = 0.85;
    this.context.drawImage(image, a[0], a[1], b[0] - a[0], b[1] - a[1]);
    this.context.globalAlpha = 1;
  }

  /** A bar of a round length, for a flat view. */
  ruler(camera, panel, unit) {
    const length = roundUp(60 / camera.scale);
    const end = [panel.x + panel.width - 12, panel.y + panel.height - 14];
    const start = [end[0] - length * camera.scale, end[1]];
    this.line(start, end, this.ink, 2);
    this.text(withUnit(length, unit), (start[0] + end[0]) / 2, end[1] - 6, "center");
  }

  /** Bodies whose bones are sorted by depth, the farthest first. */
  bones(bones) {
    this.context.lineCap = "round";
    for (const { a, b, color, width, alpha } of bones.sort((one, two) => one.depth - two.depth)) {
      if (alpha === 1) this.line(a, b, this.paper, width + 2.5);
      this.line(a, b, color, width, alpha);
    }
  }

  /** A bent arrow from source to target; a ring where both are one. */
  arrow(source, target, color, width, alpha) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = width;
    context.lineCap = "butt";
    context.beginPath();
    const [dx, dy] = [target[0] - source[0], target[1] - source[1]];
    const length = Math.hypot(dx, dy);
    if (length < 4) {
      context.arc(target[0], target[1], 7 + width, 0, 2 * Math.PI);
      context.stroke();
      context.globalAlpha = 1;
      return;
    }
    const bend = [(source[0] + target[0]) / 2 - 0.15 * dy, (source[1] + target[1]) / 2 + 0.15 * dx];
    const head = Math.min(6 + 2 * width, length / 2);
    const angle = Math.atan2(target[1] - bend[1], target[0] - bend[0]);
    const neck = [target[0] - head * Math.cos(angle), target[1] - head * Math.sin(angle)];
    context.moveTo(source[0], source[1]);
    context.quadraticCurveTo(bend[0], bend[1], neck[0], neck[1]);
    context.stroke();
    context.beginPath();
    context.moveTo(target[0], target[1]);
    for (const turn of [-0.4, 0.4]) {
      context.lineTo(target[0] - head * Math.cos(angle + turn), target[1] - head * Math.sin(angle + turn));
    }
    context.fill();
    context.globalAlpha = 1;
  }
}

Painter.FONT = "12px system-ui, sans-serif";

function parseColor(text) {
  return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
}

/** Rows and columns of equal panels that waste the least of a box. */
function layPanels(box, count, aspect) {
  let best = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const [width, height] = [box.width / columns, box.height / rows];
    const size = Math.min(width / aspect, height);
    if (!best || size > best.size) best = { columns, width, height, size };
  }
  return Array.from({ length: count }, (_, i) => ({
    x: (i % best.columns) * best.width,
    y: Math.floor(i / best.columns) * best.height,
    width: best.width,
    height: best.height,
  }));
}
