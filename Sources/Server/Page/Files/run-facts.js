// Everything that is known of a run, in groups.

import { h } from './dom.js';
import { toHistory, toRun } from './links.js';
import { stateSign } from './parts.js';
import { look } from './states.js';
import { bytes, count, plural, printable, shellWords } from './text.js';
import { clockWithMillis, day, duration, instant, moment, timeElement } from './time.js';

export function runFacts(run) {
  return [
    group('What happened', transitions(run), requests(run), evidence(run)),
    run.warnings.length > 0 && group('Warnings', list(run.warnings.map(warning => [
      `${warning.type}`, [printable(warning.text), warning.count > 1 && h('span', { class: 'soft' }, ` ${count(warning.count)} times`),
        warning.last && h('div', { class: 'mono soft' }, printable(warning.last))],
    ]))),
    group('How it was started', list(started(run))),
    waits(run).length > 0 && group('What it waited for', list(waits(run))),
    group('What it used', list(used(run))),
    run.env && group('Environment', list(Object.entries(run.env).map(([key, value]) => [printable(key), code(value)]))),
    group('Which', list([
      ['Run', code(run.instance)], ['Host', printable(run.host)], ['taro', printable(run.version)],
      run.rerun_of && ['Repeats', other(run.rerun_of)], run.retry_of && ['Try after', other(run.retry_of)], run.try && ['Try', count(run.try)],
      run.within && ['Started by run', other(run.within)],
    ])),
  ];
}

function group(title, ...children) {
  return h('section', {}, h('h2', {}, title), children);
}

function list(pairs) {
  return h('dl', { class: 'facts' }, pairs.filter(Boolean).map(([word, value]) => [h('dt', {}, word), h('dd', {}, value)]));
}

const code = text => h('span', { class: 'mono' }, printable(text));
const other = instance => h('a', { class: 'plain mono', href: toRun(instance) }, printable(instance.split('@').at(-1)));

function transitions(run) {
  const first = instant(run.transitions[0]?.at);
  return h('ol', { class: 'steps' }, run.transitions.map(({ state, at }, index) => {
    const next = run.transitions[index + 1];
    const lasted = next ? duration((instant(next.at) - instant(at)) / 1000) : '';
    return h('li', {}, stateSign({ state }), h('time', { datetime: at, title: at, class: 'soft' }, index === 0 || instant(at) - first > 86_400_000 ? `${day(instant(at))} ${clockWithMillis(instant(at))}` : clockWithMillis(instant(at))), h('span', { class: 'soft number' }, lasted));
  }));
}

const ASKED = { stop_requested: 'Stop', interrupt_requested: 'Interrupt', pause_requested: 'Pause', resume_requested: 'Resume', signal_requested: 'Signal' };

function requests(run) {
  if (!run.requests.length) return null;
  return h('ul', { class: 'requests' }, run.requests.map(request => h('li', {},
    h('strong', {}, request.kind === 'signal_requested' ? `Signal ${request.signal}` : ASKED[request.kind] ?? request.kind), ' by ',
    printable(request.token ? `token ${request.token}` : request.user), h('span', { class: 'soft' }, ` (${[request.via, request.address ?? request.host].filter(Boolean).map(printable).join(', ')}) `),
    timeElement(request.at), request.reason && h('div', { class: 'soft' }, printable(request.reason)))));
}

function evidence(run) {
  if (!run.evidence) return null;
  const { last_sign_of_life: last, child_running: runs, child_unseen: unseen, rebooted } = run.evidence;
  return h('p', { class: 'soft' }, 'Nobody ran it any more. Its last sign of life was ', timeElement(last),
    runs ? '; its command still ran then.' : '.', unseen ? ' Its command could not be seen from here.' : '', rebooted ? ' The host had been booted since.' : '');
}

function started(run) {
  const { launch } = run;
  const params = Object.entries(run.params);
  return [
    ['Command', code(shellWords(run.command))], ['In', code(run.cwd)], ['By', printable(run.user)], ['From', printable(run.parent)],
    params.length > 0 && ['Parameters', params.map(([key, value]) => h('a', { class: 'plain mono param-link', href: toHistory({ param: `${key}=${value}` }) }, printable(`${key}=${value}`)))],
    run.execution_group && ['Group', printable(run.execution_group)],
    launch.timeout_seconds !== null && ['Time limit', duration(launch.timeout_seconds)],
    launch.nice !== null && ['Niceness', String(launch.nice)], launch.pty && ['Terminal', 'its own'], launch.dry_run && ['Dry run', 'nothing was executed'],
    launch.env_set.length > 0 && ['Variables set', printable(launch.env_set.join(' '))], launch.kept === false && ['Kept', 'until the next retention'],
  ];
}

function waits({ gates, waiting }) {
  return [
    gates.latch && ['Latch', printable(gates.latch)], gates.delay_seconds !== null && ['Delay', duration(gates.delay_seconds)],
    gates.not_before && ['Not before', timeElement(gates.not_before)], gates.after.length > 0 && ['End of', printable(gates.after.join(', '))],
    gates.after_success.length > 0 && ['Success of', printable(gates.after_success.join(', '))], gates.depends_on.length > 0 && ['Needs live', printable(gates.depends_on.join(', '))],
    gates.no_overlap && ['Overlap', 'not beside another run of its job'], gates.limit !== null && ['At most', `${gates.limit} of its group at once`],
    waiting?.place && ['Place in the queue', String(waiting.place)],
    waiting?.ahead?.length > 0 && ['Ahead of it', waiting.ahead.map(one => h('div', {}, h('a', { class: 'plain', href: toRun(one.name.split('@').at(-1)) }, printable(one.name)), h('span', { class: 'soft' }, ` ${look(one.state).word.toLowerCase()} ${duration(one.run_seconds)}`)))],
  ].filter(Boolean);
}

function used(run) {
  const { usage, output } = run;
  return [
    ['Result', run.exit_code !== null ? `exit code ${run.exit_code}` : run.signal ? `signal ${run.signal}${run.core_dumped ? ', with a core' : ''}` : run.ended_at ? '–' : 'not yet'],
    run.status && ['Last line', code(run.status)],
    run.progress && ['Progress', [run.progress.done !== null && `${count(run.progress.done)}${run.progress.total !== null ? ` of ${count(run.progress.total)}` : ''}`, run.progress.percent !== null && `${run.progress.done === null ? '' : ', '}${Math.round(run.progress.percent)} %`]],
    usage && ['Processor', `${duration(usage.user_seconds)} user, ${duration(usage.system_seconds)} system`],
    usage && ['Memory', usage.max_rss_bytes !== null ? `${bytes(usage.max_rss_bytes)} at most` : usage.max_rss_below_bytes ? `below ${bytes(usage.max_rss_below_bytes)}` : ''],
    usage && (usage.read_bytes > 0 || usage.written_bytes > 0) && ['Disk', `${bytes(usage.read_bytes)} read, ${bytes(usage.written_bytes)} written`],
    output ? ['Output', `${plural(output.lines, 'line')}, ${bytes(output.bytes)}${output.one_stream ? ', both streams as one' : `: stdout ${bytes(output.stdout_bytes)}, stderr ${bytes(output.stderr_bytes)}`}`] : ['Output', 'not captured'],
    output?.dropped_bytes > 0 && ['Not recorded', bytes(output.dropped_bytes)], output?.removed_at && ['Output dropped', moment(instant(output.removed_at))],
    run.pid && ['Process', String(run.pid)],
  ];
}
