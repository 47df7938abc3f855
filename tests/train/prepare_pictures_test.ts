import assert from "node:assert/strict";
import { decodeBase64 } from "../../src/core/base64.ts";
import { UserError } from "../../src/core/errors.ts";
import { IMAGENET_PREPROCESSING } from "../../src/core/preprocessing.ts";
import { RandomState } from "../../src/core/random.ts";
import { decodeImage } from "../../src/data/decode.ts";
import type { Image } from "../../src/data/image.ts";
import type { KeptPicture } from "../../src/data/kept_picture.ts";
import { pictureThreads } from "../../src/data/picture_threads.ts";
import { preprocess } from "../../src/data/preprocess.ts";
import { parseTransform } from "../../src/data/transforms/parse.ts";
import type { Transform } from "../../src/data/transforms/transform.ts";
import { prepareAhead, preparePictures, type View } from "../../src/train/prepare_pictures.ts";
import images from "../fixtures/images.json" with { type: "json" };
import jpegs from "../fixtures/jpegs.json" with { type: "json" };

const options = { size: 28, preprocessing: IMAGENET_PREPROCESSING };

/** A test with threads, which outlive it. */
function threadTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

/** Pictures of one pixel, each of its own grey. */
const pixel = (index: number): Image => {
  return { data: Uint8Array.of(10 * index), height: 1, width: 1, channels: 1 };
};
const pixels = {
  size: () => ({ height: 1, width: 1 }),
  kept: (index: number) => Promise.resolve(pixel(index)),
};

Deno.test("pictures are prepared in the order asked for, also the same one twice", async () => {
  const prepared = await preparePictures(pixels, [2, 0, 2], options);
  assert.deepEqual(prepared, preprocess([pixel(2), pixel(0), pixel(2)], options));
  assert.equal((await preparePictures(pixels, [], options)).length, 0);
});

Deno.test("an abort stops between two pictures, and the file that is read meanwhile is waited for", async () => {
  const stop = new AbortController();
  let reading = 0, read = 0;
  const slow = {
    ...pixels,
    async kept(index: number) {
      read++;
      reading++;
      if (index === 2) stop.abort();
      await new Promise((resolve) => setTimeout(resolve, 5));
      reading--;
      return pixel(index);
    },
  };
  const { signal } = stop;
  await assert.rejects(preparePictures(slow, [0, 1, 2, 3, 4], { ...options, signal }), {
    name: "AbortError",
  });
  assert.equal(reading, 0);
  assert.ok(read <= 4, `${read} files were read`);
});

/** Files of all kinds, which say they are so large that threads are worth it. */
const FILES = [...jpegs, ...images.images]
  .filter(({ height, width }) => Math.min(height, width) > 8)
  .map(({ name, file }) => ({ name, file: decodeBase64(file) }));
const files = {
  size: () => ({ height: 1000, width: 1000 }),
  kept: (index: number): Promise<KeptPicture> => Promise.resolve(FILES[index]),
};
const all = FILES.map((_, i) => i);

const EVERYTHING = "flip,vflip,rotate=0:180,blur=3:0.1:2,jitter,erase=1,trivial,crop=0.3:1";
const views: View[] = [
  "itself",
  { transform: parseTransform(EVERYTHING), seed: (at) => 1000 + at },
  { transform: parseTransform("rotate"), seed: (at) => 7 * at },
];

threadTest("what is prepared does not depend on threads, nor on who makes it", async () => {
  const expected = await preparePictures(files, all, { ...options, views, threads: 0 });
  // The views as they are meant.
  const decoded = await Promise.all(FILES.map(({ file }) => decodeImage(file)));
  const second = decoded.map((image, at) =>
    parseTransform(EVERYTHING).apply(image, new RandomState(1000 + at))
  );
  const values = preprocess(second, options);
  assert.deepEqual(expected.subarray(values.length, 2 * values.length), values);
  for (const threads of [1, 3]) {
    const recipe = { ...options, views, threads };
    assert.deepEqual(await preparePictures(files, all, recipe), expected, `${threads} threads`);
    const ahead = prepareAhead(files, all, recipe);
    await ahead.handedOut;
    assert.deepEqual(await ahead.pixels, expected, `ahead on ${threads}`);
  }
});

Deno.test("a large JPEG is decoded to a part of its size, but for views, which are of the whole", async () => {
  const { name, file } = jpegs.find(({ height }) => height === 176)!;
  const bytes = decodeBase64(file);
  const photo = {
    size: () => ({ height: 176, width: 240 }),
    kept: () => Promise.resolve({ name, file: bytes }),
  };
  const whole = await decodeImage(bytes);
  const half = await decodeImage(bytes, { atLeast: { height: 84, width: 84 } });
  assert.deepEqual([half.height, half.width], [88, 120]);
  const [fromHalf, fromWhole] = [half, whole].map((image) => preprocess([image], options));
  const flip: View = { transform: parseTransform("flip=0"), seed: () => 5 };
  const both = await preparePictures(photo, [0], { ...options, views: ["itself", flip] });
  assert.deepEqual(both.subarray(0, fromHalf.length), fromHalf);
  assert.deepEqual(both.subarray(fromHalf.length), fromWhole);
  // In bytes: 1 of 255 is about 1 / 57 of the normalised numbers.
  const far = fromHalf.map((value, i) => Math.abs(value - fromWhole[i]) * 57);
  assert.ok(Math.max(...far) < 4 && Math.max(...far) > 0, `differs by ${Math.max(...far)}`);
  // A little larger than a third of the picture: nothing may be left out.
  const large = { ...options, size: 30 };
  assert.deepEqual(await preparePictures(photo, [0], large), preprocess([whole], large));
});

threadTest("a transform of someone else's is applied by the calling thread", async () => {
  let count = 0;
  const transform: Transform = {
    name: 'randomHorizontalFlip({"p":0.5})', // not what it does
    apply(image) {
      count++;
      return image;
    },
  };
  const view: View = { transform, seed: () => 5 };
  const prepared = await preparePictures(files, all, { ...options, views: [view], threads: 2 });
  assert.equal(count, all.length);
  const same: View = { transform: parseTransform("flip=0"), seed: () => 5 };
  const expected = await preparePictures(files, all, { ...options, views: [same], threads: 0 });
  assert.deepEqual(prepared, expected);
});

threadTest(
  "of several broken files the first is told, in the same words on any thread",
  async () => {
    const broken = {
      ...files,
      kept: (index: number): Promise<KeptPicture> =>
        Promise.resolve(
          index === 5 || index === 6 || index === 20
            ? { name: `broken ${index}.jpg`, file: FILES[0].file.subarray(0, 300) }
            : FILES[index],
        ),
    };
    const lines = new Set<string>();
    for (const threads of [0, 1, 2, 4]) {
      await assert.rejects(
        preparePictures(broken, all, { ...options, threads }),
        (error: Error) => {
          assert.ok(error instanceof UserError);
          lines.add(error.message);
          return true;
        },
      );
      const ahead = prepareAhead(broken, all, { ...options, threads });
      await ahead.handedOut;
      await assert.rejects(ahead.pixels, /broken 5\.jpg/);
    }
    assert.deepEqual([...lines], [
      "Cannot read broken 5.jpg: the JPEG is cut off or damaged; get it again",
    ]);
    // The threads go on.
    assert.ok(await preparePictures(files, all, { ...options, threads: 2 }));
  },
);

threadTest("whoever asks for it is told of each broken file, and has all the others", async () => {
  const bad = [5, 6, 20];
  const broken = {
    ...files,
    kept: (index: number): Promise<KeptPicture> => {
      const picture = FILES[index];
      const file = bad.includes(index) ? picture.file.subarray(0, 300) : picture.file;
      return Promise.resolve({ ...picture, file });
    },
  };
  const whole = await preparePictures(files, all, { ...options, threads: 0 });
  const values = whole.length / all.length;
  for (const index of bad) whole.fill(0, index * values, (index + 1) * values);
  for (const threads of [0, 2]) {
    const told: number[] = [];
    const onUnreadable = (at: number, { message }: UserError) => {
      assert.match(message, /^Cannot read .* is cut off or damaged/);
      told.push(at);
    };
    const prepared = await preparePictures(broken, all, { ...options, threads, onUnreadable });
    assert.deepEqual(told.sort((a, b) => a - b), bad);
    assert.deepEqual(prepared, whole);
  }
  // What is no fault of a picture is thrown all the same.
  const stop = AbortSignal.abort(new Error("enough"));
  const onUnreadable = () => assert.fail("was told");
  await assert.rejects(
    preparePictures(files, all, { ...options, signal: stop, onUnreadable }),
    /enough/,
  );
});

threadTest("no more than 16 megapixels are under way, but for a larger picture alone", async () => {
  const { threads } = await pictureThreads(4);
  const waiting = () => threads.reduce((sum, thread) => sum + thread.waiting, 0);
  // What is left of tests that ended with an error.
  while (waiting() > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const rotate: View = { transform: parseTransform("rotate"), seed: () => 5 };
  const recipe = { ...options, views: [rotate], threads: 4 };
  for (const [side, expected] of [[1000, 9], [2500, 2], [3000, 1], [6000, 1]]) {
    let most = 0;
    const large = {
      size: () => ({ height: side, width: side }),
      kept(index: number): Promise<KeptPicture> {
        most = Math.max(most, waiting());
        return Promise.resolve(FILES[index]);
      },
    };
    await prepareAhead(large, all.slice(0, 10), recipe).pixels;
    assert.ok(most <= expected && most > expected / 4, `${side} x ${side}: ${most} at once`);
  }
});
