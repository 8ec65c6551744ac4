using System.Globalization;
using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Data;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Ledger;
using AiDc.Trainer.Evaluation;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Models;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Storage;
using AiDc.Trainer.Tensors;

namespace AiDc.Trainer.Training;

/// <summary>
/// A run from its options to its result bundle. Works synchronously on the calling thread: torch's scopes and modes belong to a thread,
/// and the C library serves the process's first thread fastest.
/// </summary>
public sealed class Trainer(TrainingOptions options, TrainerServices services)
{
    private readonly CheckpointStore? _store = options.Checkpoints is { } c
        ? new(services.Storage.Open(c.Folder), c.Keep, services.Time, services.NewUid)
        {
            Retries = services.Retries,
            Note = problem => services.Log.Note(new("warning", "checkpoint-prune", problem)),
        }
        : null;

    /// <exception cref="TrainerException">The run failed or was stopped; it carries the exit code.</exception>
    public TrainingResult Run()
    {
        var problems = TrainingOptionsValidator.Validate(options);
        if (problems.Count > 0) throw new ConfigurationException(string.Join("; ", problems));
        if (FinishedBefore(null) is { } gone) return Announce(gone);
        Probe();
        try
        {
            return Announce(Train());
        }
        catch (OperationCanceledException) when (services.Stop.Requested)
        {
            throw new StoppedException(services.Stop.ExitCode);
        }
    }

    /// <summary>A restart after the result was written has nothing to do but to say so again: if it is of this job, these options and these data.</summary>
    /// <param name="data">Null before they are read: then the result counts if the data are gone from the place that it names.</param>
    private TrainingResult? FinishedBefore(TrainingData? data)
    {
        var found = StorageRetries.Run(services.Retries, services.Time, () => ModelBundle.TryReadManifest(services.Storage.Open(options.Output)));
        if (found is not { Data: { } source } manifest || manifest.Run != RunFingerprint.Of(options) || manifest.Job != services.Job) return null;
        var same = data is null ? source.Place == options.Data && !S3Uri.Is(options.Data) && !Path.Exists(options.Data) : source.Sha256 == data.Fingerprint;
        if (!same) return null;
        services.Log.Note(new("info", "finished-before", $"{options.Output} already holds the result of this run"));
        return new(options.Output, manifest.Metrics);
    }

    /// <summary>Finds out before hours of work whether there will be a place for its result.</summary>
    private void Probe()
    {
        var result = S3Uri.Is(options.Output) ? options.Output : Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Output)));
        foreach (var folder in new[] { options.Checkpoints?.Folder, result }.OfType<string>().Distinct(StringComparer.Ordinal))
            services.Storage.Open(folder).Probe(services.NewUid());
    }

    private TrainingResult Train()
    {
        services.Log.Report(new(TrainingPhase.Loading, 0, options.Epochs, 0, 0, double.NaN, new Dictionary<string, double>(), 0, 0, 0, null));
        var data = TrainingData.Read(options, services, new LoadingProgress(services.Log, options.Epochs, services.Time, TrainingLoop.ReportEvery), services.Stop.Token);
        foreach (var note in data.Images.Notes) services.Log.Note(new(data.Images.LeftOut > 0 ? "warning" : "info", "data", note));
        if (FinishedBefore(data) is { } earlier) return earlier;
        var device = TorchRuntime.BestDevice();
        using var run = new TrainingRun(Identity(data), options.Optimizer, device, options.SyncBatchNorm);
        using var writer = _store is null ? null : new CheckpointWriter(_store, services.Log.CheckpointSaved);
        using var loader = data.TrainLoader(options, services.Time);
        using var ledger = options.Ledger is { } folder ? new LedgerWriter(folder, services.NewUid()) : null;
        var meter = new TrainingMeter(services.Time, services.ProcessStart);
        var saver = new CheckpointSaver(
            options.Checkpoints, writer, meter, services.Time, services.Retries, (name, what) => services.Log.Note(new("warning", name, what)));
        var groups = services.Groups ?? new SoloGroups(options.Checkpoints?.Generation ?? 0, services.Time);
        if (services.Groups is not null) WarmUp.Run(run, options, services.Time);
        var state = new StateSynchronisation(run, () => Load(data), device);
        var loop = new TrainingLoop(options, services, run, data, groups, new StepRunner(options, loader, ledger, meter, services.Time), saver, meter, device);
        return new GroupTraining(options, services, groups, run, state, loop, saver, meter)
            .Run(group => Finish(group, run, data, meter, device), () => FinishedBefore(data));
    }

    /// <summary>The newest valid checkpoint; null for a new run.</summary>
    private StateSynchronisation.Loaded? Load(TrainingData data)
    {
        var latest = _store?.Load();
        foreach (var skipped in latest?.Skipped ?? [])
            services.Log.Note(new("warning", "checkpoint-skipped", $"{skipped.Problem}; going back to the checkpoint before"));
        if (latest is { Checkpoint: { } checkpoint, Path: { } path, Name: { } name }) return new(checkpoint, path, name.Generation);
        services.Log.Note(new("info", "started", Describe(data)));
        return null;
    }

    private RunIdentity Identity(TrainingData data)
    {
        var train = data.Images.Train;
        var spec = new ModelSpec(
            options.Model.Name, options.Model.BatchNorm, options.Model.Dropout, train.Channels, train.Height, train.Width, train.Classes.Count);
        return new(
            spec, options.Optimizer.Kind, options.Optimizer.Momentum > 0, data.TrainIndices.Length, data.ValidationIndices.Length, options.BatchSize, options.Seed)
        {
            Data = data.Fingerprint, Job = services.Job,
        };
    }

    private string Describe(TrainingData data)
    {
        var train = data.Images.Train;
        return $"{options.Model.Name} on {data.TrainIndices.Length} images of {train.Channels}x{train.Height}x{train.Width} in {train.Classes.Count} classes"
            + $", {data.ValidationIndices.Length} for validation, {data.Images.Test?.Count ?? 0} for the test; {options.Epochs} epochs, {options.Threads} threads";
    }

    /// <summary>Tests the model and writes the bundle. What was trained is in a checkpoint by now: a kill in here loses no step.</summary>
    private TrainingResult Finish(RankGroup group, TrainingRun run, TrainingData data, TrainingMeter meter, TorchSharp.torch.Device device)
    {
        var metrics = new SortedDictionary<string, double>((run.BestMetrics ?? run.Metrics).ToDictionary(), StringComparer.Ordinal) { ["epochs"] = run.Epoch };
        if (data.Images.LeftOut > 0) metrics["filesLeftOut"] = data.Images.LeftOut;
        if (run.Best is { } best)
        {
            run.LoadWeights(best, options.Output);
            metrics["bestEpoch"] = run.EarlyStopping.BestEpoch;
            services.Log.Note(new("info", "best-epoch", $"the result is the model of epoch {run.EarlyStopping.BestEpoch}, which had the lowest validation loss"));
        }

        if (data.Images.Test is { Count: > 0 } images)
        {
            services.Log.Report(new(TrainingPhase.Testing, run.Epoch, options.Epochs, run.Step, run.Step, double.NaN, metrics, 0, 0, meter.DataWaitShare, null));
            var test = GroupEvaluator.Run(run.Model, images, EpochOrder.Sequence(images.Count), data.Normalization, group, device, services.Stop.Token);
            if (!double.IsFinite(test.MeanLoss))
                throw new DivergedException($"the loss over the test data is {test.MeanLoss.ToString(CultureInfo.InvariantCulture)}: training diverged, and such a model is not published. Use a lower --learning-rate");
            (metrics["testAccuracy"], metrics["testLoss"]) = (test.Accuracy, test.MeanLoss);
        }

        var weights = run.CopyWeights();
        var figures = meter.Figures(options.Threads, ProcessMemory.PeakMiB()) with { ParametersSha256 = WeightsHash.Of(weights) };
        if (group.IsFirst) WriteBundle(run, data, weights, metrics, figures);
        if (options.Report is { } report) WriteReport(group.Size == 1 ? report : ReportOf(report, group), figures, metrics);
        // Nobody ends before the result is on the disk: if its writer is lost, the others write it.
        group.Barrier();
        return new(options.Output, metrics);
    }

    private void WriteBundle(
        TrainingRun run, TrainingData data, IReadOnlyList<HostTensor> weights, SortedDictionary<string, double> metrics, TrainingFigures figures) =>
        ModelBundle.Write(services.Storage.Open(options.Output), services.NewUid(), weights, file => new(
            ModelManifest.ImageClassification, run.Model.Spec, data.Images.Train.Classes, data.Normalization, file, RunFingerprint.Of(options), metrics, figures)
        {
            Data = new(options.Data, data.Fingerprint), Job = services.Job,
        });

    /// <summary>The first rank's has the name that was asked for; the others' have their rank in it, as they may share a folder.</summary>
    private static string ReportOf(string file, RankGroup group) => group.IsFirst
        ? file
        : Path.Combine(Path.GetDirectoryName(file) ?? "", $"{Path.GetFileNameWithoutExtension(file)}.{group.Rank}{Path.GetExtension(file)}");

    private void WriteReport(string file, TrainingFigures figures, SortedDictionary<string, double> metrics)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        DurableFiles.CreateDirectory(folder);
        DurableFiles.Replace(file, $".{Path.GetFileName(file)}.{services.NewUid()}", stream => TrainingReport.Write(stream, figures, metrics));
    }

    private TrainingResult Announce(TrainingResult result)
    {
        if (services.TerminationLog is { } file && TerminationMessage.TryWrite(file, result) is { } problem)
            services.Log.Note(new("warning", "termination-message", problem));
        services.Log.Finished(result);
        return result;
    }
}
