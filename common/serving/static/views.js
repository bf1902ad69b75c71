/** From the kind of a view to the function that draws it. */

import { drawFanChart } from "./fan_chart.js";
import { drawFrames } from "./frames.js";
import { drawEvidence, drawHeatMap, drawPictureMaps } from "./maps.js";
import {
  drawAlternatives,
  drawOutputs,
  drawProbability,
  drawRanking,
  drawText,
} from "./answers.js";
import { drawTimeline } from "./timeline.js";
import { drawTranscript } from "./transcript.js";
import { drawColoredWords, drawSurprise } from "./words.js";

const DRAW = {
  alternatives: drawAlternatives,
  colored_words: drawColoredWords,
  evidence: drawEvidence,
  fan_chart: drawFanChart,
  frames: drawFrames,
  heat_map: drawHeatMap,
  outputs: drawOutputs,
  picture_maps: drawPictureMaps,
  probability: drawProbability,
  ranking: drawRanking,
  surprise: drawSurprise,
  text: drawText,
  timeline: drawTimeline,
  transcript: drawTranscript,
};

/**
 * Returns the drawing of a view. `values` are inputs and outputs by name,
 * `outputs` those of its signature; an unknown kind is a table of them.
 */
export function draw(view, values, outputs) {
  return (DRAW[view.kind] ?? drawOutputs)(view, values, outputs);
}
