// Draws the charts of report.html with the libraries inlined before it. Reads the page's own data, asks no server.
// Numbers here are for drawing; every figure a person relies on is in the tables as text.

(() => {
  const source = document.getElementById("report-data");
  if (source === null) return;
  const data = JSON.parse(source.textContent);
  const charts = [];
  let price = null;
  let zooming = false;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axisWidth = () => (window.innerWidth < 700 ? 62 : 76);
  const number = (value, digits) =>
    value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
  const signed = (value, digits) => (value > 0 ? "+" : "") + number(value, digits);
  const utc = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

  function isEmpty(host, empty) {
    host.textContent = empty ? "The run was too short to draw." : "";
    host.classList.toggle("empty", empty);
    return empty;
  }

  // --- price and fills -----------------------------------------------------

  function drawPrice() {
    const host = document.getElementById("chart-price");
    if (host === null || isEmpty(host, data.bars.length === 0)) return;
    const { createChart, CandlestickSeries, createSeriesMarkers, CrosshairMode } = LightweightCharts;
    const bar = style("--bar");
    const chart = createChart(host, {
      autoSize: true,
      layout: {
        background: { color: style("--ground") },
        textColor: style("--quiet"),
        fontFamily: getComputedStyle(document.body).fontFamily,
        fontSize: 11,
        attributionLogo: false,
      },
      grid: { vertLines: { visible: false }, horzLines: { color: style("--line") } },
      localization: { timeFormatter: (seconds) => utc(seconds) },
      rightPriceScale: { borderVisible: false, minimumWidth: axisWidth(), scaleMargins: { top: 0.06, bottom: 0.06 } },
      timeScale: {
        borderColor: style("--line"),
        timeVisible: data.barS < 86400,
        secondsVisible: data.barS < 60,
        fixLeftEdge: true,
        fixRightEdge: true,
        minBarSpacing: 0.1,
        tickMarkFormatter: (seconds, kind) => {
          const iso = new Date(seconds * 1000).toISOString();
          return kind < 3 ? iso.slice(kind < 2 ? 0 : 5, kind < 2 ? 7 : 10) : iso.slice(11, kind === 4 ? 19 : 16);
        },
      },
      crosshair: {
        mode: CrosshairMode.Magnet,
        vertLine: { color: style("--quiet"), labelBackgroundColor: style("--bar") },
        horzLine: { color: style("--quiet"), labelBackgroundColor: style("--bar") },
      },
      // the page scrolls, the chart does not: it follows the zoom of the curves below
      handleScroll: false,
      handleScale: false,
    });
    const series = chart.addSeries(CandlestickSeries, {
      upColor: style("--ground"),
      downColor: bar,
      borderColor: bar,
      wickColor: bar,
      priceLineVisible: false,
      lastValueVisible: false,
      priceFormat: { type: "price", precision: data.priceDigits, minMove: 10 ** -data.priceDigits },
    });
    series.setData(data.bars.map(([time, open, high, low, close]) => ({ time, open, high, low, close })));
    const markers = data.marks.map(([time, buy, at]) => ({
      time,
      position: "atPriceMiddle",
      price: at,
      shape: buy ? "arrowUp" : "arrowDown",
      color: style(buy ? "--buy" : "--sell"),
      size: data.marks.length > 300 ? 0.5 : 0.9,
    }));
    createSeriesMarkers(series, markers);
    chart.timeScale().fitContent();
    chart.subscribeCrosshairMove((event) => {
      if (event.sourceEvent === undefined || event.time === undefined) return;
      for (const curve of charts) curve.setCursor({ left: curve.valToPos(event.time, "x"), top: 0 });
    });
    price = { chart, series };
  }

  function crosshairAt(seconds) {
    if (price === null) return;
    const time = Math.floor(seconds / data.barS) * data.barS;
    const bar = data.bars.find((candidate) => candidate[0] === time);
    if (bar === undefined) price.chart.clearCrosshairPosition();
    else price.chart.setCrosshairPosition(bar[4], time, price.series);
  }

  // --- curves ---------------------------------------------------------------

  const DASH = { solid: [], dash: [6, 4], dot: [2, 3], long: [12, 4] };

  function curve(id, options) {
    const host = document.getElementById(id);
    if (host === null || isEmpty(host, data.t.length < 2)) return;
    const readout = document.querySelector(`[data-readout="${id}"]`);
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const axis = { stroke: style("--quiet"), font, ticks: { show: false } };
    const lines = options.lines.map((line) => ({
      label: line.label,
      stroke: style(line.color),
      width: line.width ?? 1.5,
      dash: DASH[line.dash ?? "solid"],
      fill: line.fill === undefined ? undefined : style(line.fill),
      paths: line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
      points: { show: false },
    }));
    const plot = new uPlot(
      {
        width: host.clientWidth,
        height: options.height,
        padding: [8, 0, 0, 0],
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        legend: { show: false },
        cursor: {
          sync: { key: "report" },
          y: false,
          drag: { x: true, y: false, setScale: true },
          points: { size: 6, width: 1 },
        },
        scales: { x: { time: true }, y: { range: options.range } },
        axes: [
          { ...axis, show: options.timeAxis === true, grid: { show: false }, size: 28, space: 72, values: timeLabels },
          {
            ...axis,
            side: 1,
            size: axisWidth(),
            gap: 8,
            space: 36,
            grid: { stroke: style("--line"), width: 1 },
            values: (_, splits) =>
              splits.map((value) => number(value, digitsFor(splits, options.percent)) + (options.percent ? " %" : "")),
          },
        ],
        series: [{}, ...lines],
        hooks: {
          setCursor: [(self) => show(self, readout, options)],
          setScale: [(self, key) => key === "x" && follow(self)],
        },
      },
      [data.t, ...options.lines.map((line) => line.values)],
      host,
    );
    charts.push(plot);
    show(plot, readout, options);
  }

  // 24 hours, UTC; a midnight is named by its date
  const timeLabels = (_, splits) => {
    const step = splits.length > 1 ? splits[1] - splits[0] : 60;
    return splits.map((seconds) => {
      const iso = new Date(seconds * 1000).toISOString();
      if (step >= 86_400 || seconds % 86_400 === 0)
        return iso.slice(step >= 2_419_200 ? 0 : 5, step >= 2_419_200 ? 7 : 10);
      return iso.slice(11, step < 60 ? 19 : 16);
    });
  };

  // as many digits as the step between two labels has
  const digitsFor = (splits) => {
    const step = splits.length > 1 ? Math.abs(splits[1] - splits[0]) : 1;
    let digits = 0;
    while (digits < 8 && Math.abs(Math.round(step * 10 ** digits) / 10 ** digits - step) > step * 1e-6) digits += 1;
    return digits;
  };

  // what stands under the cursor, or the end of the run
  function show(plot, readout, options) {
    if (readout === null) return;
    const hovering = plot.cursor.idx !== null && plot.cursor.idx !== undefined && plot.cursor.left >= 0;
    const index = hovering ? plot.cursor.idx : data.t.length - 1;
    readout.textContent = "";
    for (const line of options.lines) {
      const item = document.createElement("span");
      if (options.lines.length > 1) item.append(sample(line), `${line.label} `);
      const value = document.createElement("b");
      const format = options.plain ? number : signed;
      value.textContent = format(line.values[index], options.digits) + (options.percent ? " %" : "");
      item.append(value);
      readout.append(item);
    }
    if (options.lead) {
      const when = document.getElementById("cursor-time");
      if (when !== null) when.textContent = `${utc(data.t[index])} UTC`;
      if (hovering) crosshairAt(data.t[index]);
      else if (price !== null) price.chart.clearCrosshairPosition();
    }
  }

  function sample(line) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M0 4H18");
    path.setAttribute("stroke", style(line.color));
    path.setAttribute("stroke-width", String(line.width ?? 1.5));
    path.setAttribute("stroke-dasharray", DASH[line.dash ?? "solid"].join(" "));
    svg.setAttribute("aria-hidden", "true");
    svg.append(path);
    return svg;
  }

  // one zoom for all: the curve that was dragged leads
  function follow(leader) {
    if (zooming) return;
    const { min, max } = leader.scales.x;
    if (min === undefined || min === null || max === null) return;
    zooming = true;
    for (const plot of charts) if (plot !== leader) plot.setScale("x", { min, max });
    if (price !== null) {
      const whole = min <= data.t[0] && max >= data.t[data.t.length - 1];
      if (whole) price.chart.timeScale().fitContent();
      else price.chart.timeScale().setVisibleRange({ from: min, to: max });
    }
    zooming = false;
  }

  function drawCurves() {
    for (const plot of charts.splice(0)) plot.destroy();
    const phone = window.innerWidth < 700;
    const zeroed = (_, min, max) => pad(Math.min(0, min), Math.max(0, max));
    curve("chart-inventory", {
      height: phone ? 110 : 130,
      digits: data.quantityDigits,
      range: zeroed,
      lead: true,
      lines: [{ label: "position", values: data.position, color: "--accent", fill: "--fill-accent", stepped: true }],
    });
    curve("chart-equity", {
      height: phone ? 140 : 180,
      digits: 2,
      plain: true,
      range: (_, min, max) => pad(min, max),
      lines: [{ label: "equity", values: data.equity, color: "--accent" }],
    });
    curve("chart-drawdown", {
      height: phone ? 80 : 90,
      digits: 3,
      percent: true,
      range: (_, min) => [Math.min(min, -0.001) * 1.1, 0],
      lines: [{ label: "below the peak", values: data.drawdown, color: "--sell", fill: "--fill-sell" }],
    });
    curve("chart-split", {
      height: phone ? 200 : 240,
      digits: 2,
      timeAxis: true,
      range: zeroed,
      lines: [
        { label: "total", values: data.total, color: "--text", width: 2 },
        { label: "spread", values: data.spread, color: "--accent" },
        { label: "inventory", values: data.inventory, color: "--accent", dash: "dot" },
        { label: "fees", values: data.fees, color: "--quiet", dash: "dash" },
        { label: "funding", values: data.funding, color: "--quiet", dash: "dot" },
      ],
    });
  }

  const pad = (min, max) => {
    const space = (max - min) * 0.06 || Math.abs(max) * 0.01 || 1;
    return [min === 0 ? 0 : min - space, max === 0 ? 0 : max + space];
  };

  function drawAll() {
    if (price !== null) price.chart.remove();
    price = null;
    drawPrice();
    drawCurves();
    document.documentElement.dataset.drawn = "true";
  }

  drawAll();
  window.matchMedia("(prefers-color-scheme: light)").addEventListener("change", drawAll);
  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    drawAll();
  });
})();
