// Draws the revenue trend. All texts arrive formatted from the server.
"use strict";
(() => {
  const place = document.getElementById("trend");
  const source = document.getElementById("trend-data");
  if (!place || !source || !window.echarts) return;
  const trend = JSON.parse(source.textContent);
  const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1, useGrouping: "always" });
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let chart;

  // A custom property made with light-dark() has no color until something is painted with it.
  const ink = (name) => {
    const probe = document.createElement("span");
    probe.className = `ink-${name}`;
    document.body.append(probe);
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  };
  const clear = (color, part) => color.replace(/^rgb\((.*)\)$/, `rgba($1, ${part})`);

  // A day without sales is true, not a fault of the chart: it is named when there are few.
  const closed = (series, colors, font) => {
    const at = series.values.flatMap((value, place) => (value === 0 ? [place] : []));
    if (at.length > 3) return undefined;
    return {
      silent: true,
      symbol: "circle",
      symbolSize: 7,
      itemStyle: { color: colors.raised, borderColor: colors.accent, borderWidth: 2 },
      label: { ...font, show: true, distance: 6, color: colors.muted, fontSize: 12, formatter: trend.none, textBorderColor: colors.raised, textBorderWidth: 3 },
      data: at.map((place) => ({ coord: [place, 0], label: { position: place > series.values.length * 0.8 ? "left" : "right" } })),
    };
  };

  const option = () => {
    const [now, earlier] = trend.series;
    const colors = Object.fromEntries(["ink", "muted", "line", "accent", "slate", "raised"].map((name) => [name, ink(name)]));
    const font = { fontFamily: getComputedStyle(document.body).fontFamily };
    const line = (series, color, extra) => ({ name: series.name, type: "line", data: series.values, smooth: false, showSymbol: series.values.length < 2, symbol: "circle", symbolSize: 7, itemStyle: { color }, lineStyle: { color, width: 2, join: "round" }, emphasis: { disabled: true }, ...extra });
    const rich = { day: { ...font, color: colors.muted, fontSize: 12, lineHeight: 20 }, value: { ...font, color: colors.ink, fontSize: 14, fontWeight: 600, lineHeight: 20 } };
    const row = (series, at) => `{day|${series.days[at]}}\n{value|${series.texts[at]}}`;
    return {
      animation: !still.matches,
      animationDuration: 350,
      aria: { enabled: false },
      textStyle: font,
      grid: { left: 4, right: 12, top: 12, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: trend.labels, boundaryGap: trend.labels.length < 2, axisTick: { show: false }, axisLine: { lineStyle: { color: colors.line } }, axisLabel: { color: colors.muted, fontSize: 12, hideOverlap: true, interval: Math.max(0, Math.ceil(trend.labels.length / (place.clientWidth / 90)) - 1), alignMinLabel: "left", alignMaxLabel: "right" }, axisPointer: { label: { show: false } } },
      yAxis: { type: "value", splitNumber: 4, splitLine: { lineStyle: { color: colors.line } }, axisLabel: { color: colors.muted, fontSize: 12, formatter: (value) => short.format(value) } },
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, backgroundColor: colors.raised, borderColor: colors.line, borderWidth: 1, padding: [8, 12], textStyle: { ...font, color: colors.ink, rich }, axisPointer: { type: "line", lineStyle: { color: colors.muted, type: "dashed" } }, formatter: (points) => { const at = points[0].dataIndex; return [row(now, at), ...(earlier.values.length ? [row(earlier, at)] : [])].join("\n"); } },
      series: [
        line(earlier, colors.slate, { lineStyle: { color: colors.slate, width: 1.5, type: [5, 4] }, z: 2 }),
        line(now, colors.accent, { z: 3, markPoint: closed(now, colors, font), areaStyle: { color: new echarts.graphic.LinearGradient(0, 0, 0, 1, [{ offset: 0, color: clear(colors.accent, 0.18) }, { offset: 1, color: clear(colors.accent, 0) }]) } }),
      ],
    };
  };

  const draw = () => {
    chart ??= echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(option(), true);
    place.dataset.drawn = "true";
  };
  document.fonts.ready.then(draw);
  new ResizeObserver(() => { if (chart) { chart.resize(); draw(); } }).observe(place);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
