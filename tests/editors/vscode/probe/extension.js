// Runs functions of the tests inside the editor, so that they can ask what other extensions ask.
const http = require('node:http');
const fs = require('node:fs');
const vscode = require('vscode');

exports.activate = (context) => {
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    try {
      const { source, args } = JSON.parse(Buffer.concat(chunks).toString());
      const run = new Function('vscode', 'require', `return (${source})`)(vscode, require);
      response.end(JSON.stringify({ value: await run(...args) }));
    } catch (error) {
      response.end(JSON.stringify({ problem: String(error.stack ?? error) }));
    }
  });
  // Each window has its own; the newest counts.
  server.listen(0, '127.0.0.1', () => fs.writeFileSync(process.env.PROBE_PORT, String(server.address().port)));
  context.subscriptions.push({ dispose: () => server.close() });
};
