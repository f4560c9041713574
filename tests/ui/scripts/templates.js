// Prints what Vue makes of each template of a list told as JSON, as it does in a browser: the body of a function of `Vue`.
// `vue` is to be Vue's own script.

let code = "";
const Original = Function;
globalThis.Function = new Proxy(Original, {
  apply: (_target, _this, [name, body]) => Original(name, (code = body)),
});
const { compile } = await import("vue");

const templates = JSON.parse(await new Response(Deno.stdin.readable).text());
const compiled = templates.map((template) => {
  compile(template, { decodeEntities: String }); // there is no page to ask what an entity means
  return code.replaceAll(/\n\s*/g, "\n");
});
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(compiled)));
