/**
 * Building and changing the page without markup in strings: the page's policy forbids it, and text stays text whatever a peer
 * has put into it. What has not changed is left alone, so that focus, selection and screen readers are not disturbed.
 */

/** @typedef {Node | string | number | bigint | undefined | null | false} Child */
/** @typedef {Record<string, string | number | boolean | undefined | null>} Attributes */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

/**
 * The element with this id; the page always has it.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`the page has no element ${id}`);
  return node;
}

/**
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * @param {Element} node
 * @param {Attributes} attributes `undefined`, `null` and `false` take an attribute away
 */
export function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) node.removeAttribute(name);
    else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value === true ? '' : String(value));
  }
}

/**
 * A figure as people read it, with the number the agent gave in `value`: what a test or a program compares.
 * @param {HTMLDataElement} node
 * @param {string | number | bigint | null} value
 * @param {string} text
 */
export function setFigure(node, value, text) {
  if (value === null) node.removeAttribute('value');
  else setAttributes(node, { value: String(value) });
  setText(node, text);
}

/**
 * Makes the children of `parent` one per item, in order; an item that was there keeps its element.
 * @template T
 * @template {Element} E
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {{ key: (item: T) => string, create: (item: T) => E, update: (node: E, item: T) => void }} how
 */
export function keyed(parent, items, { key, create, update }) {
  /** @type {Map<string, E>} */
  const old = new Map();
  for (const child of parent.children) old.set(child.getAttribute('data-key') ?? '', /** @type {E} */ (child));
  /** @type {Element | null} */
  let next = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let node = old.get(name);
    if (node === undefined) {
      node = create(item);
      node.setAttribute('data-key', name);
    }
    old.delete(name);
    update(node, item);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const node of old.values()) node.remove();
}

/**
 * Terms and what is known of them; those of which nothing is known are named in one line at the end.
 * @param {Element} list a `dl`
 * @param {readonly (readonly [string, string | undefined])[]} facts
 */
export function fillFacts(list, facts) {
  const unknown = facts.filter(([, value]) => value === undefined).map(([name]) => name.toLowerCase());
  const known = facts.filter(([, value]) => value !== undefined);
  fill(
    list,
    ...[...known, ...(unknown.length === 0 ? [] : [/** @type {const} */ (['Unknown', unknown.join(', ')])])].flatMap(
      ([name, value]) => [el('dt', {}, name), el('dd', {}, value)],
    ),
  );
}

/**
 * Replaces everything inside `parent`: for pictures, which hold no focus.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/**
 * @param {Element} parent
 * @param {readonly Child[]} children
 */
function append(parent, children) {
  for (const child of children) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}
