"use strict";

// Names and messages in the data may hold anything: they become text
// (textContent, setAttribute), never HTML.
const data = JSON.parse(byId("data").textContent);

function byId(id) {
  return document.getElementById(id);
}

function translate(text) {
  return data.texts[text] || text;
}

// As printf does, with %s, %d and %1$s.
function format(text, ...values) {
  let next = 0;
  return translate(text).replace(/%(?:(\d+)\$)?[sd]/g,
    (all, n) => values[n ? n - 1 : next++]);
}

// "235.6 GiB", "10 GiB", as human_size of human.c.
function humanSize(bytes) {
  let unit = 0;
  for (; bytes >= 1024 && unit < 6; unit++)
    bytes /= 1024;
  return Number(bytes.toFixed(1)) + " " + (unit ? "KMGTPE"[unit - 1] + "iB"
                                                : "B");
}

function seconds(value) {
  return value.toFixed(1) + " s";
}

// A new last child of PARENT, with attributes and text.
function add(parent, name, attributes, text) {
  const namespace = name === "svg" ? document.querySelector("svg").namespaceURI
    : parent.namespaceURI;
  const child = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes || {}))
    child.setAttribute(key, value);
  if (text !== undefined)
    child.textContent = text;
  return parent.appendChild(child);
}
