/** The player of a scene: clips that play together, in an element that holds the scene as JSON. */
class Player {
  constructor(root) {
    this.root = root;
    this.scene = JSON.parse(root.querySelector("script").textContent);
    this.clips = this.scene.clips.map((clip) => new Clip(clip));
    const first = this.clips[0];
    this.fps = first.fps;
    this.length = Math.max(...this.clips.map((c) => Math.ceil((c.length / c.fps) * this.fps - 1e-6)));
    this.frame = 0;
    this.playing = false;
    this.cameras = {};
    for (const [kind, fit] of Object.entries(this.scene.fits)) {
      this.cameras[kind] = new Camera(fit, kind === "flat");
    }
    this.errors = this.clips.map((clip) => {
      const truth = this.clips.find((other) => other.flat === clip.flat);
      return truth === clip ? null : new Errors(clip, truth);
    });
    const top = Math.max(0, ...this.errors.filter(Boolean).map((errors) => errors.top()));
    this.topError = top > 0 ? roundUp(top) : 0;
    this.images = (this.scene.images || []).map((address) => {
      const image = new Image();
      image.addEventListener("load", () => this.draw());
      image.src = address;
      return image;
    });
    this.shown = []; // the joints on the screen, for the pointer
    this.build();
    this.painter = new Painter(this.canvas);
    new Gestures(this);
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.changeTheme());
    this.update();
  }

  // The elements ///////////////////////////////////////////////////////////////////////////////

  build() {
    const { scene, root, clips } = this;
    root.tabIndex = 0;
    root.setAttribute("aria-label", "player of skeletons");
    if (scene.title) element("h2", root).textContent = scene.title;
    const stage = element("div", root, "stage");
    this.canvas = element("canvas", stage);
    this.legend = element("div", stage, "legend");
    this.tip = element("div", stage, "tip");
    this.tip.hidden = true;
    if (this.length > 1) this.buildTime();
    const bar = element("div", root, "bar");
    if (clips.length > Object.keys(this.cameras).length) {
      this.layout = choice(bar, "clips", { over: "over each other", beside: "side by side" }, scene.layout, () => this.update());
    }
    const colors = { side: "left and right" };
    if (clips.length > 1) colors.clip = "clip";
    if (clips.some((clip) => clip.people > 1)) colors.person = "person";
    if (this.topError) colors.error = `distance to ${clips[0].label}`;
    if (Object.keys(colors).length > 1) {
      this.color = choice(bar, "color", colors, scene.color, () => this.update());
    }
    this.buildEdges(bar);
    if (clips.some((clip) => !clip.flat) && this.length > 1) {
      this.follow = box(bar, "follow", this.scene.fits.solid.follow, () => this.draw());
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
    this.graph = choice(bar, "edges", names, this.scene.graph, () => this.chooseGraph());
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
    if (this.painter) this.update();
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
    Object.values(this.cameras).forEach((camera) => camera.reset());
    this.draw();
  }

  changeTheme() {
    this.painter.readTheme();
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

  /** The panels with their clips. */
  panels(box) {
    const kinds = Object.keys(this.cameras);
    const beside = this.layout && this.layout.value === "beside";
    const groups = beside
      ? this.clips.map((clip) => [clip])
      : kinds.map((kind) => this.clips.filter((clip) => clip.flat === (kind === "flat")));
    const aspect = Math.max(...kinds.map((kind) => this.cameras[kind].fit.aspect));
    return layPanels(box, groups.length, aspect).map((panel, i) => ({
      ...panel,
      clips: groups[i],
      camera: this.cameras[groups[i][0].flat ? "flat" : "solid"],
    }));
  }

  draw() {
    const { painter } = this;
    const whole = painter.resize();
    if (!whole.width || !whole.height) return;
    painter.clear(whole);
    this.shown = [];
    const panels = this.panels(whole);
    for (const panel of panels) this.drawPanel(panel, panels.length > 1);
    if (this.scrub) {
      const frame = Math.floor(this.frame + 1e-6);
      this.scrub.value = frame;
      this.clock.textContent = `${this.time.toFixed(2)} s, frame ${frame + 1} of ${this.length}`;
    }
    if (this.pointer) this.point(...this.pointer);
  }

  drawPanel(panel, named) {
    const { painter } = this;
    const { camera, clips } = panel;
    const { context } = painter;
    const moving = this.follow && this.follow.checked && !camera.flat;
    const middle = moving ? clips[0].middle(this.time) || camera.fit.center : camera.fit.center;
    camera.aim(panel, moving ? [middle[0], camera.fit.center[1], middle[2]] : middle);
    context.save();
    context.beginPath();
    context.rect(panel.x, panel.y, panel.width, panel.height);
    context.clip();
    const image = this.images[Math.min(clips[0].frameAt(this.time), this.images.length - 1)];
    if (!camera.flat) painter.ground(camera, camera.fit);
    else if (image && image.naturalWidth) painter.picture(camera, image);
    const bodies = clips.map((clip) => this.project(clip, camera));
    const bones = clips.flatMap((clip, i) => this.bonesOf(clip, bodies[i], camera, clips.length > 1));
    painter.bones(bones);
    clips.forEach((clip, i) => this.drawJoints(clip, bodies[i]));
    clips.forEach((clip, i) => this.drawEdges(clip, bodies[i]));
    if (camera.flat) painter.ruler(camera, panel, clips[0].unit);
    if (named) {
      const words = clips.map((clip) => clip.label).join(", ");
      painter.text(words, panel.x + panel.width / 2, panel.y + panel.height - 8, "center");
    }
    context.restore();
  }

  /** The places of all nodes on the screen, null where one is missing. */
  project(clip, camera) {
    const frame = clip.frameAt(this.time);
    const point = [0, 0, 0];
    const out = [];
    for (let node = 0; node < clip.nodes; node++) {
      const place = clip.place(frame, node, point) ? [0, 0, 0, 0] : null;
      if (place) camera.project(point, place);
      out.push(place && camera.sees(place) ? place : null);
    }
    return out;
  }

  /** The color of a joint, or of the bone above it. */
  colorOf(clip, node) {
    const { painter } = this;
    const number = this.clips.indexOf(clip);
    if (this.coloring === "clip") return painter.own[number % 6];
    if (this.coloring === "person") return painter.own[Math.floor(node / clip.size) % 6];
    if (this.coloring === "error") {
      const error = this.errors[number] ? this.errors[number].at(this.time, node) : NaN;
      return Number.isNaN(error) ? painter.faint : painter.shade(error / this.topError);
    }
    return painter.side[clip.sides[node % clip.size]];
  }

  /** The truth below other clips is wide and pale. */
  isShadow(clip, over) {
    return over && clip === this.clips.find((other) => other.flat === clip.flat);
  }

  bonesOf(clip, places, camera, over) {
    const frame = clip.frameAt(this.time);
    const shadow = this.isShadow(clip, over);
    const thickness = camera.fit.size * (shadow ? 0.032 : 0.016);
    const bones = [];
    for (let person = 0; person < clip.people; person++) {
      for (const [child, parent] of clip.bones) {
        const node = person * clip.size + child;
        const other = person * clip.size + parent;
        const [a, b] = [places[node], places[other]];
        if (!a || !b) continue;
        const sure = Math.min(clip.certainty(frame, node), clip.certainty(frame, other));
        bones.push({
          a,
          b,
          color: this.colorOf(clip, node),
          width: Math.max(shadow ? 4 : 1.5, thickness * a[3]),
          alpha: shadow ? 0.35 : sure < 1 ? 0.25 + 0.75 * sure : 1,
          depth: shadow ? -Infinity : a[2] + b[2],
        });
      }
    }
    return bones;
  }

  drawJoints(clip, places) {
    const frame = clip.frameAt(this.time);
    const size = this.cameras[clip.flat ? "flat" : "solid"].fit.size;
    places.forEach((place, node) => {
      if (!place) return;
      const radius = Math.max(2, 0.012 * size * place[3]);
      this.painter.dot(place, radius, this.colorOf(clip, node), 0.25 + 0.75 * clip.certainty(frame, node));
      this.shown.push({ clip, node, place });
    });
    if (this.names.checked) this.drawNames(clip, places);
    if (clip.people < 2) return;
    for (let person = 0; person < clip.people; person++) {
      const body = places.slice(person * clip.size, (person + 1) * clip.size).filter(Boolean);
      if (!body.length) continue;
      const head = body.reduce((top, place) => (place[1] < top[1] ? place : top));
      this.painter.text(clip.persons[person], head[0], head[1] - 12, "center");
    }
  }

  /** Names outside of the body; those that would cover another one are left to the pointer. */
  drawNames(clip, places) {
    const there = places.filter(Boolean);
    const middle = there.reduce((sum, place) => sum + place[0], 0) / there.length;
    const taken = [];
    places.forEach((place, node) => {
      if (!place) return;
      const name = clip.joints[node % clip.size];
      const left = place[0] < middle;
      const x = place[0] + (left ? -8 : 8);
      const width = this.painter.width(name);
      const box = { left: left ? x - width : x, right: left ? x : x + width, y: place[1] };
      const covers = (o) => box.left < o.right && o.left < box.right && Math.abs(box.y - o.y) < 13;
      if (taken.some(covers)) return;
      taken.push(box);
      this.painter.text(name, x, place[1] + 4, left ? "right" : "left");
    });
  }

  drawEdges(clip, places) {
    const graph = this.graph && this.scene.edges[this.graph.value];
    if (!graph || clip.nodes % graph.size || clip.flat !== this.clips[0].flat) return;
    const least = this.leastWeight;
    for (let first = 0; first < clip.nodes; first += graph.size) {
      for (let i = graph.weight.length - 1; i >= 0; i--) {
        const strength = Math.abs(graph.weight[i]);
        const source = places[first + graph.source[i]];
        const target = places[first + graph.target[i]];
        if (strength < least || strength === 0 || !source || !target) continue;
        const share = strength / this.topWeight;
        const color = graph.weight[i] < 0 ? this.painter.negative : this.painter.positive;
        this.painter.arrow(source, target, color, 0.6 + 3 * share, 0.25 + 0.65 * share);
      }
    }
  }

  // Words //////////////////////////////////////////////////////////////////////////////////////

  fillLegend() {
    const { legend, painter, clips } = this;
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
      element("span", ends).textContent = withUnit(this.topError, clips[0].unit);
    }
    if (this.layout && this.layout.value === "over" && this.coloring !== "clip") {
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
    const { size } = this.cameras[clip.flat ? "flat" : "solid"].fit;
    return Number(value.toFixed(Math.max(0, 3 - Math.floor(Math.log10(size)))));
  }

  /** Names the joint under the pointer. */
  point(x, y) {
    let best = null;
    for (const joint of this.shown) {
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
    const errors = this.errors[this.clips.indexOf(clip)];
    const error = errors ? errors.at(this.time, node) : NaN;
    if (!Number.isNaN(error)) words.push(`${withUnit(error, clip.unit)} from ${this.clips[0].label}`);
    this.tip.textContent = words.join("\n");
    this.tip.style.left = `${Math.min(place[0] + 12, this.canvas.clientWidth - 160)}px`;
    this.tip.style.top = `${Math.max(4, place[1] - 30)}px`;
  }
}

function element(tag, parent, kind = "") {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  parent.append(made);
  return made;
}

function button(parent, words, title, action) {
  const made = element("button", parent);
  Object.assign(made, { type: "button", textContent: words, title });
  made.addEventListener("click", action);
  return made;
}

function choice(parent, words, options, value, action = () => {}) {
  const label = element("label", parent);
  label.append(words ? `${words} ` : "");
  const made = element("select", label);
  for (const [key, text] of Object.entries(options)) {
    const option = element("option", made);
    Object.assign(option, { value: key, textContent: text });
  }
  made.value = value;
  made.addEventListener("change", action);
  return made;
}

function box(parent, words, checked, action) {
  const label = element("label", parent);
  const made = element("input", label);
  Object.assign(made, { type: "checkbox", checked });
  made.addEventListener("change", action);
  label.append(` ${words}`);
  return made;
}
