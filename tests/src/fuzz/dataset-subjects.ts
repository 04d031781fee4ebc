// Files of data sets to be fuzzed: annotations, tables, archives.
import { gzipSync } from "node:zlib";
import { drawSegmentation, readCoco, readCsv, readVoc, tableDataset, tarMembers } from "@stria/datasets";
import type { Subject } from "./subjects.ts";

const voc = `<?xml version="1.0"?><annotation><filename>1.png</filename><size><width>32</width><height>24</height></size>
<object><name>cat &amp; dog</name><difficult>1</difficult><bndbox><xmin>1</xmin><ymin>2.5</ymin><xmax>32</xmax><ymax>24</ymax></bndbox></object></annotation>`;
const coco = JSON.stringify({
  images: [{ id: 7, file_name: "1.png", width: 11, height: 9 }],
  categories: [{ id: 90, name: "brush" }],
  annotations: [
    { id: 1, image_id: 7, category_id: 90, bbox: [1, 2, 3, 4.5], segmentation: [[1, 2, 4, 2, 4, 6, 1, 6]] },
    {
      id: 2,
      image_id: 7,
      category_id: 90,
      bbox: [0, 0, 2, 2],
      segmentation: { size: [9, 11], counts: "322OO0010110O20L03=MD0O020N033MM30M030N1O10N20O" },
    },
  ],
});
const csv = 'a,b,"c, d"\n1,2,x\n3,4,"y ""z"""\n';

/** A tar archive of two files and a longer name. */
function tar(): Uint8Array {
  const member = (path: string, type: string, content: string): Buffer => {
    const header = Buffer.alloc(512);
    header.write(path, 0, "latin1");
    header.write(content.length.toString(8).padStart(11, "0"), 124);
    header.write("        ", 148);
    header.write(type, 156);
    header.write("ustar\u000000", 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return Buffer.concat([header, Buffer.from(content.padEnd(Math.ceil(content.length / 512) * 512, "\0"), "latin1")]);
  };
  const longer = "25 path=a/longer/name.txt\n";
  const parts = [
    member("pax", "x", longer.replace("25", String(longer.length))),
    member("1.txt", "0", "one"),
    member("2.txt", "0", "two"),
  ];
  return new Uint8Array(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

type Nothing = Awaited<ReturnType<Subject["read"]>>;
const none: Nothing = new Map();
const name = "damaged";

async function readArchive(damaged: Uint8Array): Promise<Nothing> {
  const stream = new Blob([new Uint8Array(damaged)]).stream();
  for await (const member of tarMembers(stream, name, { limit: 2 ** 20 })) if (member.path === "") break;
  return none;
}

async function readTable(damaged: Uint8Array): Promise<Nothing> {
  const table = readCsv(new TextDecoder().decode(damaged), { name });
  tableDataset(table, { target: table.columns.at(-1) ?? "", inputs: table.columns.slice(0, 1) });
  return none;
}

async function readBoxes(damaged: Uint8Array): Promise<Nothing> {
  for (const { segmentation } of readCoco(new TextDecoder().decode(damaged), name).annotations)
    if (segmentation)
      drawSegmentation({ kind: "mask", values: new Uint8Array(99), shape: [9, 11] }, segmentation, 1, name);
  return none;
}

async function readXml(damaged: Uint8Array): Promise<Nothing> {
  readVoc(new TextDecoder().decode(damaged), name);
  return none;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The files with their readers. */
export const datasetSubjects: readonly Subject[] = [
  { file: "voc.xml", bytes: bytesOf(voc), read: readXml },
  { file: "coco.json", bytes: bytesOf(coco), read: readBoxes },
  { file: "table.csv", bytes: bytesOf(csv), read: readTable },
  { file: "archive.tar", bytes: tar(), read: readArchive },
  { file: "archive.tar.gz", bytes: new Uint8Array(gzipSync(tar())), read: readArchive },
];
