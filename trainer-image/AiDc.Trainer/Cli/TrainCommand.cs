using System.CommandLine;
using System.Globalization;
using AiDc.Api;
using AiDc.Coordination;
using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed.Local;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Cli;

/// <summary><c>aidc-trainer train</c>: its options, their defaults, and what they mean.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string> _task = Options.Choice("--task", "What the model is to learn.", ModelManifest.ImageClassification, ModelManifest.ImageClassification);
    private readonly Option<string> _data = Options.Required<string>("--data", "Folder (or .tar) with the data, or s3://bucket/prefix.");
    private readonly Option<DataFormat> _format = Options.Enumeration("--format", "How the data lies on disk.", DataFormat.Idx);
    private readonly Option<int?> _imageSize = Options.Optional<int?>("--image-size", "Rows and columns that the pictures of a folder are brought to; the size that all share, else 64, unless given.");
    private readonly Option<int?> _mostLeftOut = Options.Optional<int?>("--most-left-out", "Files of a folder that may be left out because they cannot be read as pictures; more end the run. Any number unless given, with a warning.");
    private readonly Option<double> _validationSplit = Options.Value("--validation-split", "Share of the training images held back to validate on after each epoch.", 0.0);
    private readonly Option<string> _model = Options.Choice("--model", "The network.", "cnn", [.. ModelCatalog.Names]);
    private readonly Option<bool> _batchNorm = Options.Value("--batch-norm", "Batch normalization after every convolution.", false);
    private readonly Option<double> _dropout = Options.Value("--dropout", "Share of the dense layer dropped in training.", 0.5);
    private readonly Option<int> _epochs = Options.Value("--epochs", "Times to go through the training images.", 10);
    private readonly Option<int> _batchSize = Options.Value("--batch-size", "Images of one step.", 64);
    private readonly Option<OptimizerKind> _optimizer = Options.Enumeration("--optimizer", "The optimizer.", OptimizerKind.Adam);
    private readonly Option<double> _learningRate = Options.Value("--learning-rate", "Learning rate before the schedule.", 0.001);
    private readonly Option<double> _momentum = Options.Value("--momentum", "Momentum of sgd.", 0.0);
    private readonly Option<double> _weightDecay = Options.Value("--weight-decay", "Weight decay: an L2 term for adam and sgd, decoupled for adamw.", 0.0);
    private readonly Option<ScheduleKind> _schedule = Options.Enumeration("--schedule", "How the learning rate changes.", ScheduleKind.Constant);
    private readonly Option<int> _warmupSteps = Options.Value("--warmup-steps", "Steps over which the rate rises from near 0.", 0);
    private readonly Option<int?> _stepEpochs = Options.Optional<int?>("--step-epochs", "Epochs between two reductions; needed for --schedule step.");
    private readonly Option<double?> _gamma = Options.Optional<double?>("--gamma", "Factor of a reduction: 0.1 for step and 0.95 for exponential unless given.");
    private readonly Option<int?> _patience = Options.Optional<int?>("--early-stopping-patience", "Stop after so many epochs without a lower validation loss, and keep the best epoch's model.");
    private readonly Option<double> _minDelta = Options.Value("--early-stopping-min-delta", "By how much the validation loss must fall to count.", 0.0);
    private readonly Option<long> _seed = Options.Value("--seed", "Seed of weights, order and dropout.", 0L);
    private readonly Option<string?> _checkpointFolder = Options.Optional<string?>("--checkpoint-dir", "Folder of checkpoints, or s3://bucket/prefix; a run that finds one there goes on from it.");
    private readonly Option<TimeSpan> _checkpointEvery = Options.Time("--checkpoint-every", "Time between two checkpoints, for example 30s or 5m.", TimeSpan.FromSeconds(30));
    private readonly Option<int> _checkpointKeep = Options.Value("--checkpoint-keep", "Checkpoints that stay.", 3);
    private readonly Option<string?> _output = Options.Optional<string?>("--output", "Folder of the result, or s3://bucket/prefix; <checkpoint-dir>/model unless given.");
    private readonly Option<string> _progress = Options.Choice("--progress", "bar for a terminal, json for logs.", "auto", "auto", "bar", "json");
    private readonly Option<int> _threads = Options.Value("--threads", "Threads of one operation; the processors that this process may use unless given.", Environment.ProcessorCount);
    private readonly Option<int?> _microBatch = Options.Optional<int?>("--micro-batch-size", "Most images that a process computes at once; its whole share of a batch unless given.");
    private readonly Option<double?> _clipNorm = Options.Optional<double?>("--clip-norm", "Largest norm of a step's gradient.");
    private readonly Option<bool> _syncBatchNorm = Options.Value("--sync-batch-norm", "Batch normalization over the images of all processes instead of each one's own.", false);
    private readonly Option<long?> _maxSteps = Options.Optional<long?>("--max-steps", "Ends after so many steps, wherever in an epoch that is.");
    private readonly Option<bool> _distributed = Options.Value("--distributed", "Trains together with other processes: as the operator says, or as --rendezvous says.", false);
    private readonly Option<int> _processes = Options.Value("--processes", "Processes that this pod starts, which train together; one for each GPU.", 1);
    private readonly Option<string?> _rendezvous = Options.Optional<string?>("--rendezvous", "An empty folder where RANK 0 to WORLD_SIZE-1 meet, without an operator.");
    private readonly Option<string?> _ledger = Options.Optional<string?>("--ledger", "Folder in which each process writes down which images it read; AIDC_LEDGER_DIR unless given.");
    private readonly Option<int?> _localRank = new("--local-rank") { Hidden = true, Description = "Of a process that the pod's first one has started." };
    private readonly Option<string?> _report = Options.Optional<string?>("--report", "Writes speed, memory and accuracy as JSON to this file.");

    public Command Build(CommandContext context)
    {
        var command = new Command("train", "Trains a model and writes it as a bundle of model.json and model.safetensors.")
        {
            _task, _data, _format, _imageSize, _mostLeftOut, _validationSplit, _model, _batchNorm, _dropout, _epochs, _batchSize, _optimizer, _learningRate, _momentum,
            _weightDecay, _schedule, _warmupSteps, _stepEpochs, _gamma, _patience, _minDelta, _seed, _checkpointFolder, _checkpointEvery,
            _checkpointKeep, _output, _progress, _threads, _report, _microBatch, _clipNorm, _syncBatchNorm, _maxSteps, _distributed, _processes, _rendezvous, _ledger, _localRank,
        };
        command.SetAction(parsed => Run(parsed, context));
        return command;
    }

    private int Run(ParseResult parsed, CommandContext context)
    {
        var together = new TogetherOptions(
            parsed.GetValue(_distributed), parsed.GetValue(_processes), parsed.GetValue(_rendezvous), parsed.GetValue(_localRank));
        var log = together.LocalRank is null ? Log(parsed.GetValue(_progress)!, context) : new JsonLog(context.Error, context.Time, stepEvery: TimeSpan.FromDays(1));
        return Failures.Report(log, () =>
        {
            together.Validate();
            var options = Read(parsed, context);
            TorchRuntime.Configure(Math.Max(1, together.ThreadsOf(options.Threads)));
            using var stop = StopSignal.OfProcess();
            using var storage = new StorageFolders(context.Environment);
            var gang = together.HasLeader ? new GangLink() : null;
            using var operatorSession = together.LocalRank is null ? Session(log, context, gang) : null;
            using var others = together.HasOthers ? Others(parsed, together, options.Threads, stop, log) : null;
            using var groups = together.Enabled ? new GroupChoice(together, options, context, stop, storage).Make(gang, operatorSession is not null, others) : null;
            IProgressSink[] listeners = operatorSession is null ? [] : [operatorSession];
            var services = new TrainerServices(
                new ProgressSinks(log, listeners), stop, context.Time, context.NewUid, context.ProcessStart, together.LocalRank is null ? TerminationLog(context) : null)
            {
                Groups = groups,
                Job = context.Environment("AIDC_JOB"),
                Storage = storage,
            };
            new Training.Trainer(options, services).Run();
        });
    }

    /// <summary>This program again, with the same options, once for each further process.</summary>
    private LocalProcesses Others(ParseResult parsed, TogetherOptions together, int threads, StopSignal stop, ILineLog log)
    {
        var arguments = LocalCommand.Arguments([.. parsed.Tokens.Select(t => t.Value)], together.ThreadsOf(threads));
        var gpus = TorchRuntime.BestDevice().type == TorchSharp.DeviceType.CUDA;
        return new(together.Processes - 1, rank => LocalCommand.Of(arguments, _localRank.Name, rank, gpus), () => stop.Requested)
        {
            Stray = line => log.Note(new TrainingNote("info", "local-output", line)),
        };
    }

    private static ILineLog Log(string progress, CommandContext context) => progress == "bar" || (progress == "auto" && context.IsTerminal)
        ? new TerminalLog(context.Out, context.Error, Options.TerminalWidth(context))
        : new JsonLog(context.Out, context.Time, stepEvery: TimeSpan.FromSeconds(5));

    private static CoordinatorSession? Session(ILineLog log, CommandContext context, GangLink? gang)
    {
        var jitter = new Random(StringComparer.Ordinal.GetHashCode(context.NewUid()));
        return CoordinatorSession.FromEnvironment(
            context.Environment, context.Time, jitter.NextDouble, line => log.Note(new TrainingNote("info", "operator", line)), gang);
    }

    private static string? TerminationLog(CommandContext context)
    {
        const string kubernetes = "/dev/termination-log";
        return context.Environment("AIDC_TERMINATION_LOG") ?? (File.Exists(kubernetes) ? kubernetes : null);
    }

    private TrainingOptions Read(ParseResult parsed, CommandContext context)
    {
        var schedule = parsed.GetValue(_schedule);
        var stepEpochs = parsed.GetValue(_stepEpochs);
        if (schedule == ScheduleKind.Step && stepEpochs is null)
            throw new ConfigurationException("--schedule step needs --step-epochs: after how many epochs the learning rate falls");
        var folder = parsed.GetValue(_checkpointFolder);
        var output = parsed.GetValue(_output) ?? (folder is null ? null : Path.Combine(folder, "model"));
        return new(
            parsed.GetValue(_data)!,
            parsed.GetValue(_format),
            parsed.GetValue(_validationSplit),
            new(parsed.GetValue(_model)!, parsed.GetValue(_batchNorm), parsed.GetValue(_dropout)),
            parsed.GetValue(_epochs),
            parsed.GetValue(_batchSize),
            new(parsed.GetValue(_optimizer), parsed.GetValue(_learningRate), parsed.GetValue(_momentum), parsed.GetValue(_weightDecay)),
            new(schedule, parsed.GetValue(_warmupSteps), stepEpochs ?? 1, parsed.GetValue(_gamma) ?? (schedule == ScheduleKind.Exponential ? 0.95 : 0.1)),
            parsed.GetValue(_patience) is { } patience ? new(patience, parsed.GetValue(_minDelta)) : null,
            unchecked((ulong)parsed.GetValue(_seed)),
            folder is null ? null : new(folder, parsed.GetValue(_checkpointEvery), parsed.GetValue(_checkpointKeep), Attempt(context)),
            output ?? throw new ConfigurationException("--output is missing: name the folder for the result, or --checkpoint-dir, below which it goes then"),
            parsed.GetValue(_threads),
            parsed.GetValue(_report))
        {
            ImageSize = parsed.GetValue(_imageSize),
            MostLeftOut = parsed.GetValue(_mostLeftOut),
            MicroBatchSize = parsed.GetValue(_microBatch),
            ClipNorm = parsed.GetValue(_clipNorm),
            SyncBatchNorm = parsed.GetValue(_syncBatchNorm),
            MaxSteps = parsed.GetValue(_maxSteps),
            Ledger = parsed.GetValue(_ledger) ?? context.Environment(PodVariables.LedgerFolder),
        };
    }

    private static int Attempt(CommandContext context)
    {
        if (context.Environment(PodVariables.Attempt) is not { } text) return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? attempt
            : throw new ConfigurationException($"AIDC_ATTEMPT={text}: the number of the attempt must be a whole number of at least 0");
    }
}
