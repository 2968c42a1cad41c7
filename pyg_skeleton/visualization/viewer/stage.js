/**
 * The clips, their cameras and their picture. What to show comes with each `draw`, a look: time,
 * beside, coloring, follow, names, and of the edges graph, least and most.
 */
class Stage {
  constructor(scene, canvas) {
    this.clips = scene.clips.map((clip) => new Clip(clip));
    this.canvas = canvas;
    this.painter = new Painter(canvas);
    this.cameras = {};
    for (const [kind, fit] of Object.entries(scene.fits)) {
      this.cameras[kind] = new Camera(fit, kind === "flat");
    }
    this.errors = this.clips.map((clip) => {
      const truth = this.truthOf(clip);
      return truth === clip ? null : new Errors(clip, truth);
    });
    const top = Math.max(0, ...this.errors.filter(Boolean).map((errors) => errors.top()));
    this.topError = top > 0 ? roundUp(top) : 0;
    this.images = scene.images.map((address) => Object.assign(new Image(), { src: address }));
    this.shown = []; // the joints on the screen, for the pointer
  }

  /** The first clip with as many coordinates. */
  truthOf(clip) {
    return this.clips.find((other) => other.flat === clip.flat);
  }

  draw(look) {
    this.look = look;
    const whole = this.painter.resize();
    if (!whole.width || !whole.height) return;
    this.painter.clear(whole);
    this.shown = [];
    const panels = this.panels(whole);
    for (const panel of panels) this.drawPanel(panel, panels.length > 1);
  }

  /** The panels with their clips. */
  panels(box) {
    const kinds = Object.keys(this.cameras);
    const groups = this.look.beside
      ? this.clips.map((clip) => [clip])
      : kinds.map((kind) => this.clips.filter((clip) => clip.flat === (kind === "flat")));
    const aspect = Math.max(...kinds.map((kind) => this.cameras[kind].fit.aspect));
    return layPanels(box, groups.length, aspect).map((panel, i) => ({
      ...panel,
      clips: groups[i],
      camera: this.cameras[groups[i][0].flat ? "flat" : "solid"],
    }));
  }

  drawPanel(panel, named) {
    const { painter, look } = this;
    const { camera, clips } = panel;
    const { context } = painter;
    const moving = look.follow && !camera.flat;
    const middle = moving ? clips[0].middle(look.time) || camera.fit.center : camera.fit.center;
    camera.aim(panel, moving ? [middle[0], camera.fit.center[1], middle[2]] : middle);
    context.save();
    context.beginPath();
    context.rect(panel.x, panel.y, panel.width, panel.height);
    context.clip();
    const image = this.images[Math.min(clips[0].frameAt(look.time), this.images.length - 1)];
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
    const frame = clip.frameAt(this.look.time);
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
    if (this.look.coloring === "clip") return painter.own[number % 6];
    if (this.look.coloring === "person") return painter.own[Math.floor(node / clip.size) % 6];
    if (this.look.coloring === "error") {
      const error = this.errors[number] ? this.errors[number].at(this.look.time, node) : NaN;
      return Number.isNaN(error) ? painter.faint : painter.shade(error / this.topError);
    }
    return painter.side[clip.sides[node % clip.size]];
  }

  /** The truth below other clips is wide and pale. */
  isShadow(clip, over) {
    return over && clip === this.truthOf(clip);
  }

  bonesOf(clip, places, camera, over) {
    const frame = clip.frameAt(this.look.time);
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
    const frame = clip.frameAt(this.look.time);
    const size = this.cameras[clip.flat ? "flat" : "solid"].fit.size;
    places.forEach((place, node) => {
      if (!place) return;
      const radius = Math.max(2, 0.012 * size * place[3]);
      this.painter.dot(place, radius, this.colorOf(clip, node), 0.25 + 0.75 * clip.certainty(frame, node));
      this.shown.push({ clip, node, place });
    });
    if (this.look.names) this.drawNames(clip, places);
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
    const { graph, least, most } = this.look;
    if (!graph || clip.nodes % graph.size || clip.flat !== this.clips[0].flat) return;
    for (let first = 0; first < clip.nodes; first += graph.size) {
      for (let i = graph.weight.length - 1; i >= 0; i--) {
        const strength = Math.abs(graph.weight[i]);
        const source = places[first + graph.source[i]];
        const target = places[first + graph.target[i]];
        if (strength < least || strength === 0 || !source || !target) continue;
        const share = strength / most;
        const color = graph.weight[i] < 0 ? this.painter.negative : this.painter.positive;
        this.painter.arrow(source, target, color, 0.6 + 3 * share, 0.25 + 0.65 * share);
      }
    }
  }
}
