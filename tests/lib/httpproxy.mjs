// A socket between clients and the server that breaks on demand: some requests never arrive, some replies never come back.
// It stays where it is while the server behind it is killed and comes back on another port.
import net from "node:net";

export class HttpProxy {
  /** `cut(n)`: what happens to the nth exchange: "before" (the server never sees it), "after" (done, unanswered), or null. */
  constructor(cut) {
    this.cut = cut;
    this.target = null;
    this.count = 0;
    this.broken = { before: 0, after: 0 };
    this.sockets = new Set();
    this.server = net.createServer((client) => this.accept(client));
    this.ready = new Promise((resolve) => this.server.listen(0, "127.0.0.1", () => {
      this.port = this.server.address().port;
      resolve();
    }));
  }

  /** Where requests go from now on: "http://127.0.0.1:N/", or null while there is no server. */
  to(url) { this.target = url === null ? null : Number(new URL(url).port); }

  accept(client) {
    const cut = this.cut(this.count++);
    if (cut !== null) this.broken[cut]++;
    if (this.target === null || cut === "before") return void client.on("error", () => {}).destroy();
    const server = net.connect(this.target, "127.0.0.1");
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => { this.sockets.delete(socket); client.destroy(); server.destroy(); });
    }
    client.on("data", (bytes) => server.write(bytes));
    server.on("data", (bytes) => (cut === "after" ? client.destroy() : client.write(bytes)));
    server.on("end", () => client.end());
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
