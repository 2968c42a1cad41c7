/** The player of a scene: clips that play together, in an element that holds the scene as JSON. */
class Player {
  constructor(root) {
    this.root = root;
    this.scene = JSON.parse(root.querySelector("script").textContent);
    this.build();
    this.stage = new Stage(this.scene, this.canvas);
    this.clips = this.stage.clips;
    const { fps } = this.clips[0];
    this.fps = fps;
    this.length = Math.max(...this.clips.map((clip) => Math.ceil((clip.length / clip.fps) * fps - 1e-6)));
    this.frame = 0;
    this.playing = false;
    this.buildControls();
    this.stage.images.forEach((image) => image.addEventListener("load", () => this.draw()));
    new Gestures(this);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.changeTheme());
    this.update();
  }

  // The elements ///////////////////////////////////////////////////////////////////////////////

  build() {
    const { scene, root } = this;
    root.tabIndex = 0;
    root.setAttribute("aria-label", "player of skeletons");
    if (scene.title) element("h2", root).textContent = scene.title;
    const stage = element("div", root, "stage");
    this.canvas = element("canvas", stage);
    this.legend = element("div", stage, "legend");
    this.tip = element("div", stage, "tip");
    this.tip.hidden = true;
  }

  buildControls() {
    const { scene, root, clips } = this;
    if (this.length > 1) this.buildTime();
    const bar = element("div", root, "bar");
    if (clips.length > Object.keys(scene.fits).length) {
      const layouts = { over: "over each other", beside: "side by side" };
      this.layout = choice(bar, "clips", layouts, scene.layout, () => this.update());
    }
    const colors = { side: "left and right" };
    if (clips.length > 1) colors.clip = "clip";
    if (clips.some((clip) => clip.people > 1)) colors.person = "person";
    if (this.stage.topError) colors.error = `distance to ${clips[0].label}`;
    if (Object.keys(colors).length > 1) {
      this.color = choice(bar, "color", colors, scene.color, () => this.update());
    }
    this.buildEdges(bar);
    if (clips.some((clip) => !clip.flat) && this.length > 1) {
      this.follow = box(bar, "follow", scene.fits.solid.follow, () => this.draw());
    }
    this.names = box(bar, "names", scene.names, () => this.draw());
    button(bar, "reset", "reset the view (r)", () => this.reset());
    if (scene.note) element("p", root, "note").textContent = scene.note;
  }

  buildTime() {
    const { root, scene } = this;
    if (scene.spans.length) {
      const strip = element("div", root, "spans");
      let end = 0;
      for (const [from, to, text] of scene.spans) {
        const gap = element("span", strip, "gap");
        gap.style.flexGrow = from - end;
        const span = element("span", strip);
        span.style.flexGrow = to - from;
        span.textContent = span.title = text;
        span.addEventListener("click", () => this.seek(from));
        end = to;
      }
      element("span", strip, "gap").style.flexGrow = this.length - end;
    }
    const bar = element("div", root, "bar time");
    this.button = button(bar, "play", "play or pause (space)", () => this.toggle());
    this.scrub = element("input", bar);
    Object.assign(this.scrub, { type: "range", min: 0, max: this.length - 1, step: 1, value: 0 });
    this.scrub.setAttribute("aria-label", "frame");
    this.scrub.addEventListener("input", () => this.seek(Number(this.scrub.value)));
    this.clock = element("output", bar);
    const speeds = Object.fromEntries([0.1, 0.25, 0.5, 1, 2, 4].map((s) => [s, `${s} ×`]));
    this.speed = choice(bar, "", speeds, "1");
    this.speed.setAttribute("aria-label", "speed");
  }

  buildEdges(bar) {
    const graphs = Object.keys(this.scene.edges);
    if (!graphs.length) return;
    const names = Object.fromEntries([["", "none"], ...graphs.map((name) => [name, name])]);
    this.graph = choice(bar, "edges", names, this.scene.graph, () => {
      this.chooseGraph();
      this.update();
    });
    const label = element("label", bar);
    label.append("at least ");
    this.threshold = element("input", label);
    Object.assign(this.threshold, { type: "range", min: 0, max: 1000, step: 1 });
    this.threshold.addEventListener("input", () => this.update());
    this.least = element("output", label);
    this.chooseGraph();
  }

  /** Starts with the strongest 20 edges. */
  chooseGraph() {
    const graph = this.scene.edges[this.graph.value];
    if (graph) {
      const weights = graph.weight.map(Math.abs).sort((a, b) => b - a);
      this.topWeight = weights[0] || 1;
      const least = weights[Math.min(19, weights.length - 1)] || 0;
      this.threshold.value = Math.floor((1000 * least) / this.topWeight);
    }
    this.threshold.disabled = !graph;
  }

  get leastWeight() {
    return (Number(this.threshold.value) / 1000) * this.topWeight;
  }

  // Time ///////////////////////////////////////////////////////////////////////////////////////

  get time() {
    return Math.floor(this.frame + 1e-6) / this.fps;
  }

  seek(frame) {
    this.frame = Math.max(0, Math.min(this.length - 1, frame));
    this.draw();
  }

  toggle() {
    if (this.length < 2) return;
    this.playing = !this.playing;
    this.button.textContent = this.playing ? "pause" : "play";
    if (!this.playing) return;
    if (this.frame >= this.length - 1) this.frame = 0;
    let last = null;
    const step = (now) => {
      if (!this.playing) return;
      const before = Math.floor(this.frame);
      if (last !== null) this.frame += ((now - last) / 1000) * this.fps * Number(this.speed.value);
      if (this.frame >= this.length) this.frame = 0;
      last = now;
      if (Math.floor(this.frame) !== before) this.draw();
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  // The picture ////////////////////////////////////////////////////////////////////////////////

  reset() {
    Object.values(this.stage.cameras).forEach((camera) => camera.reset());
    this.draw();
  }

  changeTheme() {
    this.stage.painter.readTheme();
    this.update();
  }

  /** After a change of colors. */
  update() {
    if (this.graph) this.least.textContent = this.graph.value && withUnit(this.leastWeight, "");
    this.fillLegend();
    this.draw();
  }

  get coloring() {
    return this.color ? this.color.value : "side";
  }

  /** What the controls say. */
  get look() {
    const checked = (box) => Boolean(box && box.checked);
    return {
      time: this.time,
      beside: this.beside,
      coloring: this.coloring,
      follow: checked(this.follow),
      names: checked(this.names),
      graph: this.graph ? this.scene.edges[this.graph.value] : null,
      least: this.graph ? this.leastWeight : 0,
      most: this.topWeight,
    };
  }

  get beside() {
    return Boolean(this.layout && this.layout.value === "beside");
  }

  draw() {
    this.stage.draw(this.look);
    if (this.scrub) {
      const frame = Math.floor(this.frame + 1e-6);
      this.scrub.value = frame;
      this.clock.textContent = `${this.time.toFixed(2)} s, frame ${frame + 1} of ${this.length}`;
    }
    if (this.pointer) this.point(...this.pointer);
  }

  // Words //////////////////////////////////////////////////////////////////////////////////////

  fillLegend() {
    const { legend, clips } = this;
    const { painter, topError } = this.stage;
    legend.replaceChildren();
    const entry = (color, words) => {
      const line = element("div", legend);
      element("i", line).style.background = color;
      line.append(words);
    };
    const sides = new Set(clips.flatMap((clip) => [...clip.sides]));
    if (this.coloring === "side" && sides.size > 1) {
      const names = { l: "left", r: "right", c: "center" };
      for (const side of "lrc") if (sides.has(side)) entry(painter.side[side], names[side]);
    }
    if (this.coloring === "clip") clips.forEach((clip, i) => entry(painter.own[i % 6], clip.label));
    if (this.coloring === "person") {
      const most = clips.reduce((a, b) => (a.people >= b.people ? a : b));
      most.persons.forEach((name, i) => entry(painter.own[i % 6], name));
    }
    if (this.coloring === "error") {
      const scale = element("div", legend, "scale");
      scale.style.background = `linear-gradient(to right, ${[0, 0.5, 1].map((s) => painter.shade(s))})`;
      const ends = element("div", legend, "ends");
      element("span", ends).textContent = "0";
      element("span", ends).textContent = withUnit(topError, clips[0].unit);
    }
    if (this.layout && !this.beside && this.coloring !== "clip") {
      element("div", legend).textContent = `wide and pale: ${clips[0].label}`;
    }
    if (this.graph && this.graph.value) {
      const graph = this.scene.edges[this.graph.value];
      entry(painter.positive, `edge, widest ${withUnit(this.topWeight, "")}`);
      if (graph.weight.some((weight) => weight < 0)) entry(painter.negative, "negative edge");
    }
    const solid = this.scene.fits.solid;
    const unit = clips.find((clip) => !clip.flat)?.unit;
    if (solid) element("div", legend).textContent = `grid ${withUnit(solid.grid, unit || "(unit unknown)")}`;
  }

  /** A coordinate to about a thousandth of a body. */
  rounded(clip, value) {
    const { size } = this.stage.cameras[clip.flat ? "flat" : "solid"].fit;
    return Number(value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(size)))));
  }

  /** Names the joint under the pointer. */
  point(x, y) {
    let best = null;
    for (const joint of this.stage.shown) {
      const distance = Math.hypot(joint.place[0] - x, joint.place[1] - y);
      if (distance < 14 && (!best || distance < best.distance)) best = { ...joint, distance };
    }
    this.tip.hidden = !best;
    if (!best) return;
    const { clip, node, place } = best;
    const frame = clip.frameAt(this.time);
    const at = [0, 0, 0];
    clip.place(frame, node, at);
    const words = [clip.joints[node % clip.size]];
    if (this.clips.length > 1) words.push(clip.label);
    if (clip.people > 1) words.push(clip.persons[Math.floor(node / clip.size)]);
    words.push(`(${clip.original(at).map((v) => this.rounded(clip, v)).join(", ")}) ${clip.unit}`);
    if (clip.confidence) words.push(`confidence ${clip.certainty(frame, node).toFixed(2)}`);
    const errors = this.stage.errors[this.clips.indexOf(clip)];
    const error = errors ? errors.at(this.time, node) : NaN;
    if (!Number.isNaN(error)) words.push(`${withUnit(error, clip.unit)} from ${this.clips[0].label}`);
    this.tip.textContent = words.join("\n");
    this.tip.style.left = `${Math.min(place[0] + 12, this.canvas.clientWidth - 160)}px`;
    this.tip.style.top = `${Math.max(4, place[1] - 30)}px`;
  }
}
