// Embeds the passages of a JSON file as AnythingLLM does: transformers.js, batches of 25, nothing kept.
import fs from "node:fs";

const [passages, models] = process.argv.slice(2);
const { pipeline, env } = await import(`${process.cwd()}/node_modules/@xenova/transformers/src/transformers.js`);
env.allowRemoteModels = false;
env.localModelPath = `${models}/`;
const texts = JSON.parse(fs.readFileSync(passages, "utf-8"));
const embed = await pipeline("feature-extraction", "bundled", { quantized: true });
embed.tokenizer.model_max_length = 256;
for (let at = 0; at < texts.length; at += 25) await embed(texts.slice(at, at + 25), { pooling: "mean", normalize: true });
console.log(JSON.stringify([passages, 256]));
