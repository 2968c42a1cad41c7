/** The elements of a player: each function adds one to another element. */
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
  made.value = value in options ? value : Object.keys(options)[0];
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
