/** A clip of a scene: x to the right, y up, z to the viewer; two coordinates in a flat clip. */
class Clip {
  constructor(data) {
    Object.assign(this, data);
    [this.length, this.people, this.size, this.channels] = data.shape;
    this.flat = this.channels === 2;
    this.nodes = this.people * this.size;
    const bytes = decodeBase64(data.values);
    this.values = data.offset ? new Int16Array(bytes.buffer) : new Float32Array(bytes.buffer);
    this.confidence = data.confidence && decodeBase64(data.confidence);
  }

  /** The frame at a time in seconds. */
  frameAt(time) {
    return Math.max(0, Math.min(this.length - 1, Math.floor(time * this.fps + 1e-6)));
  }

  /** Writes the place of a node (person * joints + joint) to `out`; false if it is missing. */
  place(frame, node, out) {
    const first = (frame * this.nodes + node) * this.channels;
    out[2] = 0;
    for (let c = 0; c < this.channels; c++) {
      const value = this.values[first + c];
      if (this.offset ? value === Clip.MISSING : Number.isNaN(value)) return false;
      out[c] = this.offset ? value * this.scale + this.offset[c] : value;
    }
    return true;
  }

  /** A place along the axes of the data. */
  original(point) {
    return this.axes.slice(0, this.channels).map(([coordinate, sign]) => sign * point[coordinate]);
  }

  /** How sure the joint is, from 0 to 1. */
  certainty(frame, node) {
    return this.confidence ? this.confidence[frame * this.nodes + node] / 255 : 1;
  }

  /** The mean of the joints that are there, around a time; or null. */
  middle(time) {
    const sum = [0, 0, 0];
    const point = [0, 0, 0];
    let count = 0;
    for (let step = -4; step <= 4; step++) {
      const frame = this.frameAt(time + step / 16);
      for (let node = 0; node < this.nodes; node++) {
        if (!this.place(frame, node, point)) continue;
        for (let c = 0; c < 3; c++) sum[c] += point[c];
        count++;
      }
    }
    return count ? sum.map((value) => value / count) : null;
  }
}
Clip.MISSING = -32768;

/** The distances of the joints of a clip to those of the same names in another clip. */
class Errors {
  constructor(clip, truth) {
    this.clip = clip;
    this.truth = truth;
    this.joint = clip.joints.map((name) => truth.joints.indexOf(name));
    this.a = [0, 0, 0];
    this.b = [0, 0, 0];
  }

  /** The distance of a node at a time, NaN if one of the two is missing. */
  at(time, node) {
    const { clip, truth } = this;
    const person = Math.floor(node / clip.size);
    const joint = this.joint[node % clip.size];
    if (joint < 0 || person >= truth.people) return NaN;
    if (!clip.place(clip.frameAt(time), node, this.a)) return NaN;
    if (!truth.place(truth.frameAt(time), person * truth.size + joint, this.b)) return NaN;
    return Math.hypot(this.a[0] - this.b[0], this.a[1] - this.b[1], this.a[2] - this.b[2]);
  }

  /** The upper end of a scale: most errors of about 200 frames are below it. */
  top() {
    const found = [];
    for (let i = 0; i < 200; i++) {
      const time = (i / 200) * (this.clip.length / this.clip.fps);
      for (let node = 0; node < this.clip.nodes; node++) {
        const error = this.at(time, node);
        if (!Number.isNaN(error)) found.push(error);
      }
    }
    found.sort((a, b) => a - b);
    return found.length ? found[Math.floor(0.98 * (found.length - 1))] : 0;
  }
}

function decodeBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The nearest of 1, 2, 5, 10, 20, ... that is not below a positive number. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((step) => step * power >= value * 0.999);
}

/** A number with three digits and its unit. */
function withUnit(value, unit) {
  const text = Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return unit ? `${text} ${unit}` : text;
}
