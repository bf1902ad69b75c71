/** Builds elements. Texts become text nodes, never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * Returns an element of HTML.
 *
 * Attributes that begin with "on" are listeners, `style` is an object of
 * properties, and null and false mean that there is none.
 */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Returns an element of SVG; see `element`. */
export function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else if (name === "style") {
      // Not the attribute, which the policy of the page forbids.
      for (const [property, setting] of Object.entries(value)) {
        node.style.setProperty(property, String(setting));
      }
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      node.append(child instanceof Node ? child : String(child));
    }
  }
  return node;
}

/** Returns a wide thing in a frame that scrolls, also with the keyboard. */
export function scrolling(label, ...children) {
  return element(
    "div",
    { class: "scrolling", tabindex: 0, role: "region", "aria-label": label },
    ...children,
  );
}

/** Formats a probability in percent: rounded, none is certain. */
export function percent(share) {
  if (share > 0.9995) return "> 99.9 %";
  if (share < 0.0005) return "< 0.1 %";
  return `${(100 * share).toFixed(1)} %`;
}

/** Formats a number with four significant digits. */
export function significant(value) {
  if (Math.abs(value) >= 1000) return value.toFixed(0);
  return value === 0 ? "0" : value.toPrecision(4);
}
