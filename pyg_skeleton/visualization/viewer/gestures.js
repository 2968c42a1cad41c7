/** Mouse, touch and keyboard of a player. */
class Gestures {
  constructor(player) {
    this.player = player;
    this.fingers = new Map();
    const { canvas } = player;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(name, (event) => this.fingers.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => this.leave());
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    // A player that has the page to itself needs no click before it listens, and the page need not
    // scroll under it.
    const alone = document.body.classList.contains("alone");
    this.scrolls = !alone || window !== window.parent;
    canvas.style.touchAction = this.scrolls ? "pan-y" : "none";
    (alone ? document : player.root).addEventListener("keydown", (event) => this.key(event));
  }

  /** The place of an event in the canvas. */
  at(event) {
    const box = this.player.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  camera([x, y]) {
    const { player } = this;
    const panels = player.stage.panels({ width: player.canvas.clientWidth, height: player.canvas.clientHeight });
    const inside = (p) => x >= p.x && x < p.x + p.width && y >= p.y && y < p.y + p.height;
    return (panels.find(inside) || panels[0]).camera;
  }

  press(event) {
    this.player.root.focus({ preventScroll: true });
    this.player.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.at(event));
    this.held = this.camera(this.at(event));
    this.point(this.at(event));
  }

  move(event) {
    const now = this.at(event);
    const before = this.fingers.get(event.pointerId);
    if (!before) return this.point(now);
    const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
    if (this.fingers.size === 2) {
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)[1];
      const spread = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
      this.held.magnify(spread(now) / spread(before));
      this.held.pan(dx / 2, dy / 2);
    } else if (event.shiftKey || event.buttons & 6) {
      this.held.pan(dx, dy);
    } else {
      this.held.orbit(dx, dy);
    }
    this.fingers.set(event.pointerId, now);
    this.player.pointer = null;
    this.player.tip.hidden = true;
    this.player.draw();
  }

  point(place) {
    this.player.pointer = place;
    this.player.point(...place);
  }

  leave() {
    this.player.pointer = null;
    this.player.tip.hidden = true;
  }

  /** Zooms; a page that scrolls goes on scrolling until the player is clicked. */
  wheel(event) {
    const { player } = this;
    if (this.scrolls && !event.ctrlKey && document.activeElement !== player.root) return;
    event.preventDefault();
    this.camera(this.at(event)).magnify(Math.exp(-0.0015 * event.deltaY));
    player.draw();
  }

  key(event) {
    const { player } = this;
    const inField = ["INPUT", "SELECT", "BUTTON"].includes(event.target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey || (inField && event.key !== "r")) return;
    const magnify = (factor) => {
      Object.values(player.stage.cameras).forEach((camera) => camera.magnify(factor));
      player.draw();
    };
    const jump = event.shiftKey ? 10 : 1;
    const actions = {
      " ": () => player.toggle(),
      ArrowLeft: () => player.seek(Math.floor(player.frame) - jump),
      ArrowRight: () => player.seek(Math.floor(player.frame) + jump),
      Home: () => player.seek(0),
      End: () => player.seek(player.length - 1),
      "+": () => magnify(1.2),
      "=": () => magnify(1.2),
      "-": () => magnify(1 / 1.2),
      r: () => player.reset(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }
}
