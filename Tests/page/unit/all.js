import { tell } from './harness.js';
import './ansi.test.js';
import './lines.test.js';
import './line-index.test.js';
import './lanes.test.js';
import './time.test.js';
import './text.test.js';
import './links.test.js';
import './diff.test.js';
import './log-line.test.js';

tell();
