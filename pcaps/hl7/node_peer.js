// SPDX-License-Identifier: Apache-2.0
// node-hl7-server / node-hl7-client / simple-hl7 for the recordings; one JSON
// line per message, from what the library hands over.
//   node node_peer.js server PORT [--rules 'ADT^A08=AE,...'] [--v6]
//   node node_peer.js client HOST PORT FILE.hl7 [--batch|--file]
//   node node_peer.js simple-server PORT | simple-client HOST PORT FILE.hl7
const fs = require('fs');
const NPM = process.env.WARDTAP_NPM || '/tmp/wardtap-rec/npm/node_modules';
const log = (o) => console.log(JSON.stringify(o));
const [, , cmd, ...a] = process.argv;
const opt = (n) => { const i = a.indexOf(n); return i < 0 ? null : (a[i + 1] || true); };
const get = (m, k) => { try { return m.get(k).toString(); } catch (e) { return ''; } };
const pick = (l) => { const i = a.indexOf('--only'); return i < 0 ? l : [l[+a[i + 1]]]; };
const split = (f) => pick( fs.readFileSync(f, 'utf8').split(/(?=MSH\|)/).map((s) => s.replace(/\r+$/, '')).filter(Boolean));
const facts = (text) => {
  const f = text.split('\r')[0].split('|');
  const d = { type: f[8], id: f[9], app: f[2], fac: f[3], to: f[4], proc: f[10], version: f[11], bytes: text.length };
  const msa = text.split('\r').find((s) => s.startsWith('MSA|'));
  if (msa) { const g = msa.split('|'); d.msa1 = g[1]; d.msa2 = g[2]; }
  return d;
};

if (cmd === 'server') {
  const { Server } = require(NPM + '/node-hl7-server');
  const rules = Object.fromEntries((typeof opt('--rules') === 'string' ? opt('--rules') : '').split(';').filter(Boolean).map((r) => r.split('=')));
  const s = new Server(opt('--v6') ? { bindAddress: '::', ipv6: true } : { bindAddress: '0.0.0.0' });
  let n = 0;
  const ib = s.createInbound({ port: +a[0], overrideMSH: true }, async (req, res) => {
    const m = req.getMessage();
    const d = facts(m.toString());
    log({ event: 'received', conn: n, kind: req.getType && req.getType(), ...d });
    const code = rules[d.type.split('^').slice(0, 2).join('^')] || 'AA';
    await res.sendResponse(code);
    log({ event: 'sent', conn: n, msa1: code, msa2: d.id });
  });
  ib.on('client.connect', () => { n++; log({ event: 'connect', conn: n }); });
  ib.on('data.error', (e) => log({ event: 'error', error: String(e.message || e) }));
} else if (cmd === 'client') {
  const { Client, Message, Batch, FileBatch } = require(NPM + '/node-hl7-client');
  const msgs = split(a[2]);
  const c = new Client({ host: a[0] });
  let want = msgs.length, got = 0;
  const ob = c.createConnection({ port: +a[1], waitAck: true }, async (res) => {
    log({ event: 'received', ...facts(res.getMessage().toString()) });
    if (++got >= want) setTimeout(async () => { await ob.close(); setTimeout(() => process.exit(0), 200); }, 200);
  });
  (async () => {
    await new Promise((r) => { ob.on('connect', r); ob.on('open', r); setTimeout(r, 600); });
    if (a.includes('--batch') || a.includes('--file')) {
      const b = new Batch();
      b.start();
      b.set('BHS.7', '20240102101500');
      msgs.forEach((t) => b.add(new Message({ text: t })));
      b.end();
      let x = b;
      if (a.includes('--file')) {
        x = new FileBatch();
        x.start();
        x.set('FHS.7', '20240102101500');
        x.add(b);
        x.end();
      }
      log({ event: 'sent', batch: a.includes('--file') ? 'FHS' : 'BHS', messages: msgs.length, ids: msgs.map((t) => facts(t).id) });
      await ob.sendMessage(x);
    } else {
      for (const t of msgs) {
        log({ event: 'sent', ...facts(t) });
        await ob.sendMessage(new Message({ text: t }));
        const k = got;
        for (let i = 0; i < 40 && got === k; i++) await new Promise((r) => setTimeout(r, 25));
      }
    }
    setTimeout(() => process.exit(0), 2500);
  })();
} else if (cmd === 'simple-server') {
  const hl7 = require(NPM + '/simple-hl7');
  const app = hl7.tcp();
  app.use((req, res, next) => { log({ event: 'received', conn: 1, ...facts(req.msg.toString()) }); next(); });
  app.use((req, res) => {
    res.end();
    log({ event: 'sent', msa1: 'AA', msa2: facts(req.msg.toString()).id });
  });
  app.start(+a[0]);
  app.server && app.server.on && app.server.on('connection', () => log({ event: 'connect', conn: 1 }));
} else if (cmd === 'simple-client') {
  const hl7 = require(NPM + '/simple-hl7');
  const c = hl7.Server.createTcpClient({ host: a[0], port: +a[1], keepalive: true, callback() {} });
  const msgs = split(a[2]);
  const parser = new hl7.Parser();
  const next = () => {
    const t = msgs.shift();
    if (!t) { c.close && c.close(); setTimeout(() => process.exit(0), 200); return; }
    log({ event: 'sent', ...facts(t) });
    c.send(parser.parse(t), (err, ack) => { if (ack) log({ event: 'received', ...facts(ack.toString()) }); next(); });
  };
  next();
  setTimeout(() => process.exit(1), 6000);
}
