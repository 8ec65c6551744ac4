using System.CommandLine;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Serving;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Options;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Cli;

/// <summary><c>aidc-trainer serve</c>: answers with a model until it is told to end.</summary>
internal sealed class ServeCommand
{
    private static readonly ServeOptions Defaults = new(new ServedModelOptions("", ModelFormat.Aidc, ""));

    private readonly Option<string> _model = Options.Required<string>("--model", "Folder or file of the model, s3://bucket/key, or an http(s) URL.");
    private readonly Option<ModelFormat> _format = Options.Enumeration("--format", "What the model is stored as.", ModelFormat.Aidc);
    private readonly Option<string> _name = Options.Required<string>("--name", "The model's name in the protocols.");
    private readonly Option<string?> _sha256 = Options.Optional<string?>("--sha256", "Checksum of the model's file in hex; of model.json for a bundle.");
    private readonly Option<string[]> _inputs = Options.Value<string[]>("--input", "An input of a TorchScript model, which does not say so itself: name:datatype:shape, such as image:FP32:-1,1,28,28. Once for each.", []);
    private readonly Option<string?> _cache = Options.Optional<string?>("--cache", "Folder for models that come over the network; replicas on a node share it.");
    private readonly Option<int> _cacheSize = Options.Value("--cache-size", "Size of that folder in MiB; beyond it what was not used for the longest time is removed.", (int)(Defaults.Model.CacheBytes >> 20));
    private readonly Option<int> _httpPort = Options.Value("--http-port", "Port of HTTP/1.1.", Defaults.HttpPort);
    private readonly Option<int> _grpcPort = Options.Value("--grpc-port", "Port of gRPC, without TLS.", Defaults.GrpcPort);
    private readonly Option<int> _metricsPort = Options.Value("--metrics-port", "Port of /metrics, which no other port has.", Defaults.MetricsPort);
    private readonly Option<int> _maxBatch = Options.Value("--max-batch", "Most samples that the model computes at once.", Defaults.MaxBatch);
    private readonly Option<TimeSpan> _maxBatchLatency = Options.Time("--max-batch-latency", "Longest time that a request waits for others which are about to arrive.", Defaults.MaxBatchLatency);
    private readonly Option<int> _concurrency = Options.Value("--concurrency", "Requests that are read, computed and answered at once.", Defaults.Concurrency);
    private readonly Option<int> _queue = Options.Value("--queue", "Requests that wait beyond those; one more is refused.", Defaults.Queue);
    private readonly Option<TimeSpan> _timeout = Options.Time("--timeout", "Longest time from a request's arrival to its answer.", Defaults.Timeout);
    private readonly Option<int> _maxBody = Options.Value("--max-body", "Largest body of a request, in MiB.", Defaults.MaxBodyMebibytes);
    private readonly Option<double> _requestLogRate = Options.Value("--request-log-rate", "Share of the requests that are written to the log, from 0 to 1.", 0.0);
    private readonly Option<bool> _requestLogPayloads = Options.Value("--request-log-payloads", "Writes the bodies of requests and responses to the log too.", false);
    private readonly Option<int> _threads = Options.Value("--threads", "Threads of one operation; the processors that this process may use unless given.", Environment.ProcessorCount);

    public Command Build(CommandContext context)
    {
        var command = new Command("serve", "Answers with a model over HTTP and gRPC: Open Inference Protocol v2, KServe's V1, and images.")
        {
            _model, _format, _name, _sha256, _inputs, _cache, _cacheSize, _httpPort, _grpcPort, _metricsPort, _maxBatch, _maxBatchLatency, _concurrency, _queue, _timeout,
            _maxBody, _requestLogRate, _requestLogPayloads, _threads,
        };
        command.SetAction(parsed =>
        {
            var log = new JsonLog(context.Out, context.Time, stepEvery: TimeSpan.Zero);
            return Failures.Report(log, () => RunAsync(Read(parsed), context, log).GetAwaiter().GetResult());
        });
        return command;
    }

    private static async Task RunAsync(ServeOptions options, CommandContext context, JsonLog log)
    {
        TorchRuntime.Configure(options.Model.Threads);
        using var stop = StopSignal.OfProcess();
        using var storage = new StorageFolders(context.Environment);
        var random = new Random(StringComparer.Ordinal.GetHashCode(context.NewUid()));
        var chance = new Lock();
        await using var server = new ModelServer(options, context.Time, context.Environment, log, () =>
        {
            lock (chance) return random.NextDouble();
        });
        await server.StartAsync();
        Note("listening", $"HTTP on port {server.Addresses[0].Port}, gRPC on port {server.Addresses[1].Port}");
        try
        {
            // Native code that loads does not look at the token: who is to end does not wait for it.
            await Task.Factory.StartNew(
                () => server.Open(ServedModels.Load(options.Model, storage, context.Time, line => Note("loading", line), stop.Token), line => Note("warm-up", line)),
                stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(stop.Token);
            Note("ready", $"the model '{options.Model.Name}' is ready after {(context.Time.GetUtcNow() - context.ProcessStart).TotalSeconds:0.0} s");
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Requested)
        {
            Note("draining", "asked to end: new requests are refused, those under way are answered");
        }

        await server.DrainAsync();
        Note("stopped", "all requests are answered");

        void Note(string name, string message) => log.Note(new("info", name, message));
    }

    private ServeOptions Read(ParseResult parsed)
    {
        var threads = parsed.GetValue(_threads);
        if (threads < 1) throw new ConfigurationException($"--threads {threads}: use at least 1");
        var model = new ServedModelOptions(parsed.GetValue(_model)!, parsed.GetValue(_format), parsed.GetValue(_name)!)
        {
            Sha256 = parsed.GetValue(_sha256),
            Inputs = [.. parsed.GetValue(_inputs)!.Select(TensorDeclaration.Parse)],
            Cache = parsed.GetValue(_cache),
            CacheBytes = (long)parsed.GetValue(_cacheSize) << 20,
            Threads = threads,
        };
        return new(model)
        {
            HttpPort = parsed.GetValue(_httpPort),
            GrpcPort = parsed.GetValue(_grpcPort),
            MetricsPort = parsed.GetValue(_metricsPort),
            MaxBatch = parsed.GetValue(_maxBatch),
            MaxBatchLatency = parsed.GetValue(_maxBatchLatency),
            Concurrency = parsed.GetValue(_concurrency),
            Queue = parsed.GetValue(_queue),
            Timeout = parsed.GetValue(_timeout),
            MaxBodyMebibytes = parsed.GetValue(_maxBody),
            RequestLogRate = parsed.GetValue(_requestLogRate),
            RequestLogPayloads = parsed.GetValue(_requestLogPayloads),
        };
    }
}
