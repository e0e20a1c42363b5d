// Takes a folder of text files in as AnythingLLM does with its defaults, from its packages: words and tokens counted, cut at
// 1,000 characters with 20 of overlap, each chunk headed by where it is from, transformers.js in batches of 25, LanceDB, and
// the embeddings once more as JSON. Its rows in SQLite are left out, and the model is loaded once rather than for each file.
// Writes its chunks into a file, so that their tokens are counted by another.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { randomUUID } from "node:crypto";

const [folder, models, target] = process.argv.slice(2);
const require = createRequire(`${process.cwd()}/`);
const { pipeline, env } = await import(`${process.cwd()}/node_modules/@xenova/transformers/src/transformers.js`);
const { RecursiveCharacterTextSplitter } = require("@langchain/textsplitters");
const { getEncoding } = require("js-tiktoken");
const { connect } = require("@lancedb/lancedb");

env.allowRemoteModels = false;
env.localModelPath = `${models}/`;
const splitter = new RecursiveCharacterTextSplitter({ chunkSize: 1000, chunkOverlap: 20 });
const encoding = getEncoding("cl100k_base");
const store = await connect(path.join(target, "lancedb"));
let embed, table;
const all = [];
for (const name of fs.readdirSync(folder).sort()) {
  const text = fs.readFileSync(path.join(folder, name), "utf-8");
  const published = new Date().toLocaleString();
  const document = { title: name, published, wordCount: text.split(" ").length, tokens: encoding.encode(text).length };
  fs.writeFileSync(path.join(target, `${name}.json`), JSON.stringify({ ...document, text }));
  const header = `<document_metadata>\nsourceDocument: ${name}\npublished: ${published}\n</document_metadata>\n\n`;
  const chunks = (await splitter.splitText(text)).map((chunk) => header + chunk);
  embed ??= await pipeline("feature-extraction", "bundled", { quantized: true });
  embed.tokenizer.model_max_length = 512;
  const rows = [];
  for (let at = 0; at < chunks.length; at += 25) {
    const batch = chunks.slice(at, at + 25);
    const vectors = (await embed(batch, { pooling: "mean", normalize: true })).tolist();
    vectors.forEach((vector, place) => rows.push({ id: randomUUID(), vector, ...document, text: batch[place] }));
  }
  if (table) await table.add(rows);
  else table = await store.createTable("documents", rows);
  fs.writeFileSync(path.join(target, `${name}.vectors.json`), JSON.stringify(rows));
  all.push(...chunks);
}
const written = path.join(target, "chunks.json");
fs.writeFileSync(written, JSON.stringify(all));
console.log(JSON.stringify([written, 512]));
