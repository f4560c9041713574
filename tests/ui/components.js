// Prints what our components offer the pages, as JSON: {file: {props, emits, methods: {name: how many arguments},
// templates: [[export, what it has for certain, what Vue makes of the template]]}}. Told the paths of the components; `vue` is to be Vue's own script.

import { compile } from "vue";

Object.assign(globalThis, { matchMedia: () => ({ matches: false }) }); // some ask it while they are loaded

/** A component after those that it extends. */
const parts = (component) => (component ? [...parts(component.extends), ...(component.mixins ?? []), component] : []);
const names = (list) => (Array.isArray(list) ? list : Object.keys(list ?? {}));

const offered = {};
for (const path of Deno.args) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const module = await import(`file://${path}`);
  const shown = Object.entries(module).filter(([, each]) => each.template);
  const known = (each) => [...names(each.props), ...names(each.methods), ...names(each.computed)];
  const all = parts(module.default);
  const methods = Object.entries(Object.assign({}, ...all.map((each) => each.methods)));
  offered[name] = {
    props: all.flatMap((each) => names(each.props)),
    emits: all.flatMap((each) => names(each.emits)),
    methods: Object.fromEntries(methods.map(([method, { length }]) => [method, length])),
    templates: shown.map(([export_, each]) => [export_, known(each), String(compile(each.template, { decodeEntities: String }))]),
  };
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(offered)));
