// SPDX-License-Identifier: Apache-2.0
// dcmjs-dimse SCP and SCUs for the recordings; one JSON line {"assoc": ...}
// per association, from what the library reports.
//   node dimse_peer.js scp PORT | node dimse_peer.js SCENARIO HOST PORT [FILES...]
const NPM = process.env.WARDTAP_NPM || '/tmp/wardtap-rec/npm/node_modules';
const d = require(NPM + '/dcmjs-dimse');
d.log && d.log.setLevel && d.log.setLevel('error');
const { Client, Server, Scp } = d;
const { CEchoRequest, CStoreRequest, CFindRequest } = d.requests;
const { CEchoResponse, CStoreResponse, CFindResponse } = d.responses;
const { Status, PresentationContextResult } = d.constants;
const NAMES = { 1: 'C-STORE', 0x10: 'C-GET', 0x20: 'C-FIND', 0x21: 'C-MOVE', 0x30: 'C-ECHO', 0xfff: 'C-CANCEL' };
const hex = (n) => n.toString(16).toUpperCase().padStart(4, '0');

function fact(from, m, response) {
  const c = m.getCommandDataset();
  const e = (c && c.getElement) ? (k) => { try { return c.getElement(k); } catch (x) { return undefined; } } : () => undefined;
  const o = { from, type: (NAMES[m.getCommandFieldType() & 0x7fff] || hex(m.getCommandFieldType())) + (response ? ' RSP' : ' RQ') };
  const put = (k, v) => { if (v !== undefined && v !== '') o[k] = v; };
  put('sop_class', e('AffectedSOPClassUID'));
  put('sop_instance', e('AffectedSOPInstanceUID'));
  put('id', e('MessageID'));
  put('responds_to', e('MessageIDBeingRespondedTo'));
  if (response) o.status = hex(m.getStatus());
  o.dataset = m.hasDataset();
  return o;
}

function out(r) { console.log(JSON.stringify({ assoc: r })); }

if (process.argv[2] === 'scp') {
  class S extends Scp {
    constructor(socket, opts) { super(socket, opts); this.r = { outcome: null, end: 'connection closed', messages: [] }; }
    associationRequested(a) {
      this.association = a;
      Object.assign(this.r, { calling: a.getCallingAeTitle(), called: a.getCalledAeTitle(), outcome: 'accepted',
        implementation: { requestor: { class_uid: a.getImplementationClassUid(), version: a.getImplementationVersion() } },
        contexts_proposed: a.getPresentationContexts().length });
      let n = 0;
      a.getPresentationContexts().forEach((c) => {
        const x = a.getPresentationContext(c.id);
        const ts = x.getTransferSyntaxUids();
        const want = ['1.2.840.10008.1.2.1', '1.2.840.10008.1.2'].find((t) => ts.includes(t));
        if (want) { x.setResult(PresentationContextResult.Accept, want); n++; }
        else x.setResult(PresentationContextResult.RejectTransferSyntaxesNotSupported);
      });
      this.r.contexts_accepted = n;
      this.sendAssociationAccept();
    }
    cEchoRequest(q, cb) { const s = CEchoResponse.fromRequest(q); s.setStatus(Status.Success); this.log(q, s); cb(s); }
    cStoreRequest(q, cb) { const s = CStoreResponse.fromRequest(q); s.setStatus(Status.Success); this.log(q, s); cb(s); }
    cFindRequest(q, cb) {
      const p = CFindResponse.fromRequest(q);
      p.setDataset(new d.Dataset({ QueryRetrieveLevel: 'STUDY', PatientID: 'TEST000123', PatientName: 'WARDTAP^TESTPATIENT' }));
      p.setStatus(Status.Pending);
      const f = CFindResponse.fromRequest(q); f.setStatus(Status.Success);
      this.log(q, p, f); cb([p, f]);
    }
    log(q, ...rs) { this.r.messages.push(fact('requestor', q, false), ...rs.map((x) => fact('acceptor', x, true))); }
    associationReleaseRequested() { this.r.end = 'release'; out(this.r); this.sendAssociationReleaseResponse(); }
    abort() { this.r.end = 'abort'; out(this.r); }
  }
  new Server(S).on('networkError', (e) => console.error(e.message)).listen(+process.argv[3], {});
} else {
  const [, , what, host, port, ...files] = process.argv;
  const c = new Client();
  const r = { calling: 'WARD_JS', called: 'WARDPACS', outcome: null, end: null, messages: [] };
  const add = (q) => { q.on('response', (s) => r.messages.push(fact('acceptor', s, true))); c.addRequest(q); r.messages.push(fact('requestor', q, false)); };
  if (what === 'echo' || what === 'all') add(new CEchoRequest());
  if (what === 'find' || what === 'all') add(CFindRequest.createStudyFindRequest({ PatientID: '', PatientName: '*' }));
  if (what === 'store' || what === 'all') files.forEach((f) => add(new CStoreRequest(f)));
  c.on('associationAccepted', (a) => {
    r.outcome = 'accepted';
    if (a && a.getImplementationClassUid) r.implementation = { acceptor: { class_uid: a.getImplementationClassUid(), version: a.getImplementationVersion() } };
    if (a && a.getPresentationContexts) r.contexts_proposed = a.getPresentationContexts().length;
  });
  c.on('associationRejected', (x) => { r.outcome = r.end = 'rejected'; r.reject = x; });
  c.on('associationReleased', () => { r.end = 'release'; });
  c.on('networkError', (e) => { r.error = e.message; });
  c.on('closed', () => { out(r); process.exit(0); });
  const opts = {};
  if (what === 'user') { add(new CEchoRequest()); opts.userIdentity = { type: 2, positiveResponseRequested: true, primaryField: 'testuser', secondaryField: 'synthetic-passcode' }; opts.asyncOps = { maxAsyncOpsInvoked: 2, maxAsyncOpsPerformed: 2 }; }
  c.send(host, +port, 'WARD_JS', 'WARDPACS', opts);
}
