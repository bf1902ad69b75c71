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
import { drawFrameSurprise, drawPianoRoll } from "./piano_roll.js";
import { drawTimeline } from "./timeline.js";
import { drawTranscript } from "./transcript.js";
import { drawColoredWords, drawSurprise } from "./words.js";

const DRAW = {
  alternatives: drawAlternatives,
  colored_words: drawColoredWords,
  evidence: drawEvidence,
  fan_chart: drawFanChart,
  frame_surprise: drawFrameSurprise,
  frames: drawFrames,
  heat_map: drawHeatMap,
  outputs: drawOutputs,
  piano_roll: drawPianoRoll,
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
 * `outputs` those of its signature, `inputs` those of the form; an unknown kind
 * is a table of outputs.
 */
export function draw(view, values, outputs, inputs) {
  return (DRAW[view.kind] ?? drawOutputs)(view, values, outputs, inputs);
}
