// Loaded before everything else: the network, as fast as can be. The package takes `fetch` off at its start.
"use strict";
window.network = { calls: 0, sent: undefined, answer: new Response("{}"), tokens: undefined };
window.fetch = (input, init) => {
  const { network } = window;
  network.calls += 1;
  network.sent = init;
  return Promise.resolve(network.tokens === undefined ? network.answer : Response.json(network.tokens()));
};
