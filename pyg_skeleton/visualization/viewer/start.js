/** Starts each player when it comes into sight, so that a page of many opens at once. */
const sight = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      sight.unobserve(target);
      new Player(target);
    }
  },
  { rootMargin: "300px" },
);
document.querySelectorAll(".player").forEach((root) => sight.observe(root));
