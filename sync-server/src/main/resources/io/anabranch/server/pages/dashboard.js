// SPDX-License-Identifier: Apache-2.0
// Asks /v1/dashboard every two seconds and shows what it says. Texts go in as texts, never as markup.
'use strict';
(() => {
  const EVERY = 2000, SAMPLES = 60, RECENT = 60000;
  const MEANS = {
    'unauthorized': 'no token, or none that is good', 'forbidden': 'a token of another space, or without the right',
    'read-only': 'change sets from a token that only reads', 'origin-claimed': 'a replica with another token than before',
    'local-only': 'a request from elsewhere that only this machine may make', 'gap': 'change sets that do not follow what is held',
    'missing-context': 'a change set before what its writer had seen', 'fork': 'two histories under one name: a file was copied',
    'bad-part': 'a part that is not what its change set says', 'malformed': 'bytes that are no message',
    'protocol-version': 'a client of another version', 'too-many-requests': 'more requests than a token may send, or have under way',
    'too-many-wrong-tokens': 'many tokens that are not good, from one address', 'too-many-listeners': 'more listeners than a token may have', 'too-large': 'a body larger than the relay takes',
    'too-slow': 'a request that came too slowly', 'not-found': 'an address that is none', 'disk-low': 'the disk is nearly full',
    'disk-full': 'the disk is full', 'quota-bytes': 'the space may hold no more bytes',
    'quota-change-sets': 'the space may hold no more change sets', 'quota-origins': 'the space may hold no more origins',
    'bad-request': 'no HTTP', 'incomplete': 'a body that ended early', 'bad-space': 'a name that no space can have',
    'method-not-allowed': 'a method that the address does not answer', 'unsupported-media-type': 'a body of another type',
    'quota-spaces': 'there may be no more spaces that nobody needs a token for',
    'joining': 'changes while this relay has met none of its peers', 'not-ready': 'it could take no change sets',
    'forgotten': 'a relay that was forgotten as gone', 'no-such-peer': 'a peer to forget that is none',
    'no-such-space': 'a space of which no replica is served here', 'no-such-token': 'a token to revoke that is none', 'file-replaced': "changes while the relay's file is not the one that it opened", 'busy': "another program held the relay's file",
    'storage': "the relay's file failed: see the log", 'internal': 'the relay failed: see the log'
  };
  const $ = id => document.getElementById(id);
  const SVG = 'http://www.w3.org/2000/svg';
  let last = null, samples = [], paused = false, chosen = null, token = null, moving = new Map();

  const el = (name, attributes = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const svg = (name, attributes, text) => {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const fill = (id, children) => $(id).replaceChildren(...children);

  // ---- Numbers as people read them
  const number = n => n === null || n === undefined ? '–' : Math.round(n).toLocaleString('en');
  const bytes = n => {
    if (n === null || n === undefined) return '–';
    for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
      if (n < 1024 || unit === 'GiB') return (n < 10 && unit !== 'B' ? n.toFixed(1) : Math.round(n)) + ' ' + unit;
      n /= 1024;
    }
  };
  const span = ms => {
    if (ms === null || ms === undefined) return '–';
    const s = Math.abs(ms) / 1000;
    if (s < 1) return Math.round(Math.abs(ms)) + ' ms';
    if (s < 90) return (s < 10 ? s.toFixed(1) : Math.round(s)) + ' s';
    if (s < 5400) return Math.round(s / 60) + ' min';
    return s < 172800 ? Math.round(s / 3600) + ' h' : Math.round(s / 86400) + ' days';
  };
  const ago = (ms, now) => ms === null || ms === undefined ? 'never' : now - ms < 1500 ? 'now' : span(now - ms) + ' ago';
  const day = ms => new Date(ms).toISOString().slice(0, 10);
  const plural = (n, one, many) => number(n) + ' ' + (n === 1 ? one : many);

  // ---- Asking
  async function ask() {
    let answer;
    try {
      answer = await fetch('/v1/dashboard', {headers: token ? {Authorization: 'Bearer ' + token} : {}, cache: 'no-store'});
    } catch (e) {
      state('bad', 'no answer: the relay is down, or out of reach');
      return;
    }
    if (answer.status === 401 || answer.status === 403) {
      const problem = await answer.json().catch(() => ({}));
      $('ask').hidden = problem.code === 'local-only';
      $('all').hidden = true;
      if (token) $('refused').textContent = problem.title || 'not with this token';
      token = null; // Sent once: each counts among the wrong tokens of this address.
      state('bad', problem.code === 'local-only' ? 'only for the machine of the relay' : 'a token is needed');
      return;
    }
    if (!answer.ok) {
      state('bad', 'the relay answered ' + answer.status);
      return;
    }
    const now = await answer.json();
    $('ask').hidden = true;
    $('refused').textContent = '';
    $('all').hidden = false;
    sample(now);
    show(now);
    last = now;
  }

  /** What there was since the last look. Without the totals of the relay, as an admin of one space, from its replicas. */
  function sample(now) {
    const of = (d, side) => d.scope === 'relay' ? d[side === 'in' ? 'changeSetsIn' : 'changeSetsOut']
      : d.spaces.flatMap(s => s.replicas).reduce((sum, r) => sum + (side === 'in' ? r.sent : r.received), 0);
    if (last && now.started === last.started) {
      const seconds = Math.max(0.5, (now.now - last.now) / 1000);
      samples.push({in: Math.max(0, of(now, 'in') - of(last, 'in')) / seconds, out: Math.max(0, of(now, 'out') - of(last, 'out')) / seconds});
      if (samples.length > SAMPLES) samples.shift();
    }
    moving = new Map();
    const before = new Map(last ? last.spaces.flatMap(s => s.replicas.map(r => [s.name + ' ' + r.origin, r])) : []);
    for (const space of now.spaces) for (const r of space.replicas) {
      const b = before.get(space.name + ' ' + r.origin);
      if (b && (r.sent > b.sent || r.received > b.received)) moving.set(space.name + ' ' + r.origin, true);
    }
  }

  function state(kind, text) {
    $('state').className = 'state ' + kind;
    if ($('state').textContent !== text) $('state').textContent = text;
  }

  // ---- Showing
  function show(d) {
    const low = d.diskFreeBytes !== undefined && d.diskFreeBytes < d.leastDiskFreeBytes;
    state(low ? 'bad' : 'good', low ? 'the disk is nearly full: takes no change sets' : 'running');
    chooseSpace(d);
    const space = d.spaces.find(s => s.name === chosen);
    numbers(d);
    topology(d, space);
    rate();
    replicas(d, space);
    relays(d, space);
    spaces(d);
    rejected(d);
    tokens(d);
    $('asof').textContent = 'last at ' + new Date(d.now).toLocaleTimeString('en-GB');
    $('protocol').textContent = d.protocol;
    $('rate-scope').textContent = d.scope === 'relay' ? 'Over all spaces.' : 'Of this space.';
  }

  function chooseSpace(d) {
    const names = d.spaces.map(s => s.name);
    if (!names.includes(chosen)) {
      chosen = (d.spaces.find(s => s.replicas.length > 0) || d.spaces[0] || {}).name;
    }
    const select = $('space');
    if ([...select.options].map(o => o.value).join('\n') !== names.join('\n')) {
      select.replaceChildren(...names.map(name => el('option', {value: name}, name)));
    }
    if (chosen !== undefined) select.value = chosen;
  }

  function numbers(d) {
    const now = samples[samples.length - 1] || {in: 0, out: 0};
    const all = d.spaces.flatMap(s => s.replicas), met = d.spaces.reduce((sum, s) => sum + s.replicaCount, 0);
    const lagging = all.filter(r => r.behind > 0);
    const rejections = d.rejected ? Object.values(d.rejected).reduce((a, b) => a + b, 0) : null;
    const held = d.spaces.reduce((sum, s) => sum + s.held, 0);
    const boxes = [
      ['Change sets in', now.in.toFixed(1), '/s', 'that replicas brought, each what one transaction changed'],
      ['Change sets out', now.out.toFixed(1), '/s', 'given in answers; what is pushed to listeners is not counted'],
      ['Replicas', number(met), lagging.length ? number(lagging.length) + ' behind' : 'none behind', 'met since the relay started, ' + span(d.now - d.started) + ' ago'],
      ['Held', number(held), held === 1 ? 'change set' : 'change sets', 'whose parts are still coming; they count once they are whole']
    ];
    if (d.scope === 'relay') {
      boxes.splice(3, 0,
        ['Listeners', number(d.listeners), 'of ' + number(d.mostListeners), 'connections that are told of changes at once'],
        ['Refused', number(rejections), rejections === 1 ? 'request' : 'requests', 'answered with an error; see below which']);
      boxes.push(
        ['Storing takes', d.applyMeanMillis.toFixed(1), 'ms', 'on average, until what a request brought is on disk'],
        ['Disk', bytes(d.storeBytes), 'used', bytes(d.diskFreeBytes) + ' free; below ' + bytes(d.leastDiskFreeBytes) + ' nothing is taken']);
    }
    fill('numbers', boxes.map(([label, value, unit, why]) => el('div', {class: 'number'},
      el('div', {class: 'label'}, label), el('div', {class: 'value'}, value + ' ', el('small', {}, unit)), el('div', {class: 'why'}, why))));
  }

  const tokenName = (d, id) => {
    const found = id && d.tokens.find(t => t.id === id);
    return found ? found.name || found.id : id || '';
  };
  const label = (d, r) => r.url ? r.url.replace(/^https?:\/\//, '') : tokenName(d, r.token) || r.origin.slice(0, 8);
  const kind = (d, r) => r.url ? (r.good ? 'live' : 'behind') : r.behind > 0 ? 'behind' : r.listening ? 'live' : d.now - r.lastSeen < RECENT ? 'recent' : 'away';
  const lag = r => r.behind === 0 ? 'none' : plural(r.behind, 'change set', 'change sets') + (r.behindMillis === null ? '' : ', ' + span(r.behindMillis));
  const relayState = r => r.good ? 'in touch' : r.trouble || 'not asked yet';
  /** What a node says of itself, short and at length. */
  const word = (d, r) => r.url ? (r.good ? r.behind > 0 ? number(r.behind) + ' behind' : 'in touch' : 'trouble')
    : r.behind > 0 ? number(r.behind) + ' behind' : r.listening ? 'live' : ago(r.lastSeen, d.now);
  const words = (d, r) => r.url ? `${r.url}: ${relayState(r)}`
    : `${r.origin}: ${r.listening ? 'listening' : 'last seen ' + ago(r.lastSeen, d.now)}, ${r.behind ? r.behind + ' behind' : 'up to date'}`;

  function topology(d, space) {
    const width = Math.max(280, $('topology').clientWidth || 600);
    const found = space ? space.replicas : [];
    const most = width < 500 ? 10 : 20;
    const shown = (space && space.relays || []).concat(found).slice(0, most);
    const height = width < 500 ? 340 : 330;
    const drawing = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': 'topology-title'});
    const live = found.filter(r => r.listening).length;
    drawing.append(svg('title', {id: 'topology-title'}, space
      ? `Space ${space.name}: ${plural(space.replicaCount, 'replica', 'replicas')}, ${live} listening, ${found.filter(r => r.behind > 0).length} behind`
      : 'No space'));
    const cx = width / 2, cy = height / 2 - 6, rx = width / 2 - (width < 500 ? 52 : 84), ry = height / 2 - 52;
    const nodes = [];
    shown.forEach((r, i) => {
      const angle = -Math.PI / 2 + 2 * Math.PI * i / Math.max(1, shown.length) + (shown.length === 2 ? Math.PI / 2 : 0);
      const x = cx + rx * Math.cos(angle), y = cy + ry * Math.sin(angle);
      const mx = (x + cx) / 2 + (y - cy) * 0.12, my = (y + cy) / 2 - (x - cx) * 0.12;
      const line = ['link', kind(d, r), moving.has(space.name + ' ' + r.origin) ? 'moving' : ''].join(' ');
      drawing.append(svg('path', {class: line, d: `M${cx} ${cy} Q${mx} ${my} ${x} ${y}`}));
      nodes.push([r, x, y]);
    });
    drawing.append(svg('circle', {class: 'relay', cx, cy, r: 26}));
    drawing.append(svg('text', {x: cx, y: cy + 4, 'text-anchor': 'middle'}, 'relay'));
    for (const [r, x, y] of nodes) {
      const group = svg('g', {});
      group.append(svg('title', {}, words(d, r)));
      group.append(r.url || r.relay
        ? svg('rect', {class: 'node ' + kind(d, r), x: x - 10, y: y - 10, width: 20, height: 20, rx: 3})
        : svg('circle', {class: 'node ' + kind(d, r), cx: x, cy: y, r: 11}));
      const cut = width < 500 ? 11 : 18, name = [...label(d, r)]; // By character: half of a pair is none.
      const under = y < cy - 30 ? -28 : 25; // Away from the line, which comes from the middle.
      group.append(svg('text', {x, y: y + under, 'text-anchor': 'middle'}, (name.length > cut ? name.slice(0, cut - 1).concat('…') : name).join('')));
      group.append(svg('text', {class: 'small', x, y: y + under + 12, 'text-anchor': 'middle'}, word(d, r)));
      drawing.append(group);
    }
    if (shown.length === 0) drawing.append(svg('text', {class: 'small', x: cx, y: cy + 50, 'text-anchor': 'middle'}, 'no replica has asked yet'));
    const more = (space ? space.replicaCount : 0) - shown.filter(r => !r.url).length;
    if (more > 0) drawing.append(svg('text', {class: 'small', x: cx, y: height - 4, 'text-anchor': 'middle'}, `and ${more} more`));
    fill('topology', [drawing]);
  }

  function rate() {
    const width = Math.max(240, $('rate').clientWidth || 400), height = width < 420 ? 150 : 320, base = height - 18, left = 34;
    const most = Math.max(1, ...samples.map(s => s.in + s.out));
    const top = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000].find(t => t >= most) || most;
    const drawing = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-labelledby': 'rate-title'});
    const now = samples[samples.length - 1] || {in: 0, out: 0};
    drawing.append(svg('title', {id: 'rate-title'}, `Now ${now.in.toFixed(1)} in and ${now.out.toFixed(1)} out per second`));
    for (const part of [0, 0.5, 1]) {
      const y = base - part * (base - 8);
      drawing.append(svg('line', {class: 'axis', x1: left, x2: width, y1: y, y2: y}));
      drawing.append(svg('text', {class: 'small', x: left - 5, y: y + 3, 'text-anchor': 'end'}, String(top * part)));
    }
    const step = (width - left) / SAMPLES;
    samples.forEach((s, i) => {
      const x = width - (samples.length - i) * step, up = s.in / top * (base - 8), more = s.out / top * (base - 8);
      drawing.append(svg('rect', {class: 'bar', x, y: base - up, width: Math.max(1, step - 1), height: up}));
      drawing.append(svg('rect', {class: 'bar out', x, y: base - up - more, width: Math.max(1, step - 1), height: more}));
    });
    drawing.append(svg('text', {class: 'small', x: left, y: height - 4}, '2 min ago'));
    drawing.append(svg('text', {class: 'small', x: width, y: height - 4, 'text-anchor': 'end'}, 'now'));
    fill('rate', [drawing]);
    $('rate-text').textContent = `Now ${now.in.toFixed(1)} in (coloured) and ${now.out.toFixed(1)} out (grey) each second.`;
  }

  const cell = (name, text, cls = '') => el('td', {'data-label': name, class: cls}, text);
  function rows(id, none, made) {
    fill(id, made);
    $(none).hidden = made.length > 0;
    $(id).closest('table').hidden = made.length === 0;
  }

  function replicas(d, space) {
    const more = space ? space.replicaCount - space.replicas.length : 0;
    $('more-replicas').textContent = more > 0 ? `and ${number(more)} more, which asked before these` : '';
    rows('replicas', 'no-replicas', (space ? space.replicas : []).map(r => {
      const late = r.clockOffsetMillis !== null && Math.abs(r.clockOffsetMillis) > 300000;
      const offset = r.clockOffsetMillis === null ? '–'
        : Math.abs(r.clockOffsetMillis) < 1000 ? 'right' : span(r.clockOffsetMillis) + (r.clockOffsetMillis > 0 ? ' ahead' : ' behind');
      return el('tr', {},
        el('th', {scope: 'row', class: 'free'}, label(d, r), r.relay ? el('span', {class: 'soft'}, ' (relay)') : ''),
        el('td', {'data-label': 'Origin', class: 'mono', title: r.origin}, r.origin.slice(0, 12)),
        cell('Version', r.software || '–', 'free'),
        cell('Last seen', r.listening ? 'listening, ' + ago(r.lastSeen, d.now) : ago(r.lastSeen, d.now), r.listening ? 'good' : ''),
        cell('Lag', lag(r), 'n ' + (r.behind ? 'warn' : 'good')),
        cell('Clock', offset, 'n ' + (late ? 'bad' : '')),
        cell('Brought / given', number(r.sent) + ' / ' + number(r.received), 'n'));
    }));
  }

  function relays(d, space) {
    const found = space && space.relays || [];
    $('others').hidden = d.scope !== 'relay';
    rows('relays', 'no-relays', found.map(r => el('tr', {},
      el('th', {scope: 'row', class: 'free'}, r.url), cell('State', relayState(r), 'free ' + (r.good ? 'good' : 'warn')),
      cell('Both held the same', ago(r.settled, d.now)),
      cell('It lacks', lag(r), 'n ' + (r.behind ? 'warn' : 'good')),
      cell('We lack', r.ahead === 0 ? 'none' : plural(r.ahead, 'change set', 'change sets'), 'n ' + (r.ahead ? 'warn' : 'good')))));
  }

  function spaces(d) {
    rows('spaces', 'no-spaces', d.spaces.map(s => el('tr', {},
      el('th', {scope: 'row', class: 'free'}, s.name), cell('Change sets', number(s.changeSets), 'n'),
      cell('Bytes', bytes(s.bytes) + (s.maxBytes === null ? '' : ' of ' + bytes(s.maxBytes)), 'n'), cell('Origins', number(s.origins), 'n'),
      cell('Replicas met', number(s.replicaCount), 'n'), cell('Held', number(s.held), 'n'))));
  }

  function rejected(d) {
    $('rejections').hidden = d.rejected === undefined;
    rows('rejected', 'no-rejected', Object.entries(d.rejected || {}).map(([code, n]) => el('tr', {},
      el('th', {scope: 'row', class: 'mono'}, code), cell('Requests', number(n), 'n'), cell('Means', MEANS[code] || ''))));
  }

  function tokens(d) {
    rows('tokens', 'no-tokens', d.tokens.map(t => el('tr', {},
      el('th', {scope: 'row', class: 'mono'}, t.id), cell('Space', t.space, 'free'), cell('Rights', t.rights.replaceAll(',', ', ')), cell('Name', t.name || '–', 'free'),
      cell('Made', day(t.created)), cell('Last used', ago(t.lastUsed, d.now)),
      cell('State', t.revoked === null ? 'good' : 'revoked ' + day(t.revoked), t.revoked === null ? 'good' : 'bad'))));
  }

  // ---- People
  $('space').addEventListener('change', e => { chosen = e.target.value; if (last) show(last); });
  $('pause').addEventListener('click', () => {
    paused = !paused;
    $('pause').setAttribute('aria-pressed', String(paused));
    $('pause').textContent = paused ? 'Go on' : 'Pause';
  });
  $('login').addEventListener('submit', e => { e.preventDefault(); token = $('token').value.trim(); ask(); });
  addEventListener('resize', () => { if (last) show(last); });
  const again = async () => { if (!paused && !document.hidden) await ask(); setTimeout(again, EVERY); };
  document.addEventListener('visibilitychange', () => { if (!document.hidden && !paused) ask(); });
  again();
})();
