/** Words of the situation report, in English. */

import type { situation as Vietnamese } from '../vi/situation';

export const situation: typeof Vietnamese = {
  situation: {
    reports: 'Reports',
    title: 'Situation of the day and of periods',
    periods: {
      day: 'Day',
      month: 'Month (15th–14th)',
      quarter: 'Quarter',
      half_year: 'Half-year',
      year: 'Year',
    },
    parts: {
      incidents: 'Incidents',
      calls: 'Calls',
      alerts: 'Alerts',
      response: 'Response times (s)',
    },
    day: 'Day',
    before: 'Earlier',
    after: 'Later',
    figure: 'Figure',
    now: 'This period',
    verdicts: { confirmed: 'True', unjudged: 'Without verdict', rejected: 'Not true' },
    total: 'In all',
    ofTotal: 'true / in all',
    compared: {
      day_before: 'Day before',
      week_before: 'Same day last week',
      period_before: 'Period before',
      year_before: 'Same period last year',
    },
    unknown: 'not on record',
    soFar: (time) => `Not over: figures up to ${time}, earlier periods up to the same hour.`,
    halfYear: (part, year) => `Half ${part} of ${year}`,
    failed: 'The report could not be made; trying again.',
    lines: {
      incidents: {
        total: 'Incidents in all',
        still_open: 'Of these still open',
      },
      calls: {
        total: 'Calls in all',
        line_112: 'To 112',
        line_113: 'To 113',
        line_114: 'To 114',
        line_115: 'To 115',
        line_TN: 'From messages',
      },
      alerts: {
        total: 'Alerts of the watch in all',
        system: 'Troubles of the watch itself',
      },
      response: {
        dispatched: 'To dispatch, median',
        on_scene: 'To arrival, median',
      },
    },
    text: 'The leader’s assessment',
    noText: 'No words of the leader yet.',
    writtenBy: (name, time, version) => `${name} · ${time} · version ${version}`,
    write: 'Write',
    save: 'Save',
    cancel: 'Cancel',
    versions: 'Versions',
    takenBack: '(taken back)',
    noVersion: 'No version yet.',
  },
};
