"""What one writes in Python to serve a model: aiohttp and Debian's python3-torch. The other side of `make bench NAME=serving`.

It reads the same request as aidc-trainer does (Open Inference Protocol v2 with the binary extension: a JSON header, then raw
float32 values) and answers with the same JSON. With --max-batch above 1 it joins requests as aidc-trainer does, too.
"""
import argparse
import asyncio
import json

import torch
from aiohttp import web

parser = argparse.ArgumentParser()
parser.add_argument("--model", required=True, help="a TorchScript file")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--max-batch", type=int, default=1)
parser.add_argument("--max-batch-latency", type=float, default=0.005, help="in seconds")
options = parser.parse_args()

torch.set_num_threads(options.threads)
model = torch.jit.load(options.model).eval()


def predict(images):
    with torch.inference_mode():
        return model(images)


class Batcher:
    """Joins requests that wait: up to max-batch, or until the first of them has waited long enough."""

    def __init__(self):
        self.queue = asyncio.Queue()
        self.task = asyncio.get_running_loop().create_task(self.work())

    async def predict(self, images):
        done = asyncio.get_running_loop().create_future()
        await self.queue.put((images, done))
        return await done

    async def work(self):
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self.queue.get()]
            until = loop.time() + options.max_batch_latency
            while len(batch) < options.max_batch:
                try:
                    batch.append(self.queue.get_nowait())
                except asyncio.QueueEmpty:
                    try:
                        batch.append(await asyncio.wait_for(self.queue.get(), until - loop.time()))
                    except asyncio.TimeoutError:
                        break
            # In another thread: torch releases the interpreter meanwhile, and requests are read.
            logits = await loop.run_in_executor(None, predict, torch.cat([images for images, _ in batch]))
            for (images, done), rows in zip(batch, logits.split([len(images) for images, _ in batch])):
                if not done.done():
                    done.set_result(rows)


async def infer(request):
    body = await request.read()
    length = int(request.headers["Inference-Header-Content-Length"])
    tensor = json.loads(body[:length])["inputs"][0]
    images = torch.frombuffer(bytearray(body[length:]), dtype=torch.float32).reshape(tensor["shape"])
    logits = await request.app["batcher"].predict(images) if options.max_batch > 1 else predict(images)
    return web.json_response({
        "model_name": "mnist", "model_version": "1",
        "outputs": [{"name": "logits", "datatype": "FP32", "shape": list(logits.shape), "data": logits.flatten().tolist()}]})


async def ready(_):
    return web.Response()


async def start(app):
    app["batcher"] = Batcher()


for rows in (1, 1, 1, options.max_batch):
    predict(torch.zeros(rows, 1, 28, 28))
application = web.Application(client_max_size=64 << 20)
application.on_startup.append(start)
application.add_routes([web.post("/v2/models/mnist/infer", infer), web.get("/v2/health/ready", ready)])
web.run_app(application, host="127.0.0.1", port=options.port, access_log=None, print=None)
