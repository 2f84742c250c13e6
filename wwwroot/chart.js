// Draws what Chart.razor asks for, with ApexCharts, in the colours of the page's theme.
import ApexCharts from './lib/apexcharts.esm.js';

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const isDark = () => getComputedStyle(document.documentElement).colorScheme === 'dark';
// Blue and green of the palette are too dark for a dark ground.
const onDark = { '#0072b2': '#4aa3df', '#009e73': '#2fc497' };
const color = value => (isDark() && onDark[value]) || value;

// As the page's language writes it, with the minus sign of the figures beside it.
const number = (value, digits) => value.toLocaleString(document.documentElement.lang || 'en', { maximumFractionDigits: digits }).replace('-', '\u2212');

// So many labels as have room beside each other.
const fitting = (count, width) => Math.max(2, Math.min(8, count, Math.floor(width / 130)));

const options = (data, height, width) => {
  const format = value => value === null || value === undefined ? '–' : number(value, data.digits) + (data.unit ? ` ${data.unit}` : '');
  const text = css('--muted');
  const line = css('--line');
  const common = {
    chart: {
      height,
      animations: { enabled: false },
      toolbar: { show: false },
      zoom: { enabled: false },
      selection: { enabled: false },
      background: 'transparent',
      fontFamily: css('--sans'),
      foreColor: text,
      parentHeightOffset: 0,
    },
    theme: { mode: isDark() ? 'dark' : 'light' },
    colors: data.series.map(series => color(series.color)),
    dataLabels: { enabled: false },
    grid: { borderColor: line, strokeDashArray: 0, padding: { left: 16, right: 8, top: -12, bottom: 0 } },
    legend: { position: 'top', horizontalAlign: 'left', fontSize: '12px', markers: { size: 5, shape: 'square', offsetX: -2 }, itemMargin: { horizontal: 8 }, showForSingleSeries: data.series.length > 1, onItemClick: { toggleDataSeries: false }, onItemHover: { highlightDataSeries: false } },
    xaxis: { categories: data.labels, axisBorder: { color: line }, axisTicks: { show: false }, tickAmount: fitting(data.labels.length, width), labels: { rotate: 0, hideOverlappingLabels: true, style: { fontSize: '12px' } }, tooltip: { enabled: false }, crosshairs: { stroke: { color: line } } },
    yaxis: { labels: { formatter: value => value === null ? '' : number(value, Math.max(data.digits, Math.abs(value) < 5 ? 1 : 0)), style: { fontSize: '12px' } }, forceNiceScale: true, ...(data.kind === 'bars' ? { min: 0, decimalsInFloat: 0 } : {}) },
    tooltip: { theme: isDark() ? 'dark' : 'light', shared: true, intersect: false, y: { formatter: format } },
    annotations: { yaxis: data.marks.map(y => ({ y, borderColor: css('--text'), strokeDashArray: 0, opacity: 0.7 })) },
    states: { hover: { filter: { type: 'none' } }, active: { filter: { type: 'none' } } },
    noData: { text: '' },
  };
  if (data.kind === 'bars')
    return { ...common, chart: { ...common.chart, type: 'bar', stacked: true }, plotOptions: { bar: { columnWidth: '72%', borderRadius: 1 } }, stroke: { width: 0 }, series: data.series.map(series => ({ name: series.name, data: series.values })) };
  if (data.kind === 'intervals')
    return {
      ...common,
      chart: { ...common.chart, type: 'rangeBar' },
      colors: data.series.map(series => color(series.color)),
      plotOptions: { bar: { horizontal: true, barHeight: '24%', rangeBarGroupRows: true } },
      xaxis: { ...common.xaxis, categories: undefined, type: 'numeric', labels: { formatter: format, style: { fontSize: '12px' } } },
      yaxis: { labels: { style: { fontSize: '12px' } } },
      annotations: {
        xaxis: data.marks.map(x => ({ x, borderColor: css('--text'), strokeDashArray: 0 })),
        points: data.series.flatMap(series => series.values.map((value, index) => ({ x: value, y: data.labels[index], marker: { size: 5, fillColor: color(series.color), strokeColor: css('--surface') } })).filter(point => point.x !== null)),
      },
      tooltip: { ...common.tooltip, shared: false, intersect: true },
      series: data.series.map(series => ({ name: series.name, data: data.labels.map((x, index) => ({ x, y: [series.low?.[index] ?? null, series.high?.[index] ?? null] })).filter(point => point.y[0] !== null) })),
    };
  // Bands first, so that the lines are drawn over them.
  const bands = data.series.filter(series => series.low && series.high);
  return {
    ...common,
    chart: { ...common.chart, type: bands.length ? 'rangeArea' : 'line' },
    colors: [...bands, ...data.series].map(series => color(series.color)),
    fill: { opacity: [...bands.map(() => 0.16), ...data.series.map(() => 1)] },
    stroke: { curve: 'straight', width: [...bands.map(() => 0), ...data.series.map(() => 2)] },
    legend: { ...common.legend, show: data.series.length > 1, customLegendItems: data.series.map(series => series.name), markers: { ...common.legend.markers, fillColors: data.series.map(series => color(series.color)) } },
    series: [
      ...bands.map(series => ({ type: 'rangeArea', name: `${series.name}, interval`, data: data.labels.map((x, index) => ({ x, y: [series.low[index], series.high[index]] })) })),
      ...data.series.map(series => ({ type: 'line', name: series.name, data: data.labels.map((x, index) => ({ x, y: series.values[index] })) })),
    ],
  };
};

export function draw(element, data, height) {
  let shown = data;
  const chart = new ApexCharts(element, options(shown, height, element.clientWidth));
  chart.render();
  const again = () => chart.updateOptions(options(shown, height, element.clientWidth), false, false);
  const theme = new MutationObserver(again);
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', again);
  return {
    update: next => {
      shown = next;
      again();
    },
    remove: () => {
      theme.disconnect();
      system.removeEventListener('change', again);
      chart.destroy();
    },
  };
}
