using AiDc.Trainer.Checkpoints;
using AiDc.Trainer.Evaluation;
using AiDc.Trainer.Models;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Training;

/// <summary>
/// A run from its options to its result bundle. Works synchronously on the calling thread: torch's scopes and modes belong to a thread,
/// and the C library serves the process's first thread fastest.
/// </summary>
public sealed class Trainer(TrainingOptions options, TrainerServices services)
{
    private readonly CheckpointStore? _store = options.Checkpoints is { } c
        ? new(services.Storage.Open(c.Folder), c.Keep, services.Time, services.NewUid)
        : null;

    /// <exception cref="TrainerException">The run failed or was stopped; it carries the exit code.</exception>
    public TrainingResult Run()
    {
        var problems = TrainingOptionsValidator.Validate(options);
        if (problems.Count > 0) throw new ConfigurationException(string.Join("; ", problems));
        if (FinishedBefore() is { } earlier) return Announce(earlier);
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

    /// <summary>A restart after the result was written has nothing to do but to say so again.</summary>
    private TrainingResult? FinishedBefore()
    {
        if (ModelBundle.TryReadManifest(services.Storage.Open(options.Output)) is not { } manifest || manifest.Run != RunFingerprint.Of(options)) return null;
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
        var latest = _store?.Load();
        foreach (var skipped in latest?.Skipped ?? [])
            services.Log.Note(new("warning", "checkpoint-skipped", $"{skipped.Problem}; going back to the checkpoint before"));
        var data = TrainingData.Read(options, services, new LoadingProgress(services.Log, options.Epochs, services.Time, TrainingLoop.ReportEvery), services.Stop.Token);
        var device = TorchRuntime.BestDevice();
        using var run = new TrainingRun(Identity(data), options.Optimizer, device);
        if (latest is { Checkpoint: { } checkpoint, Path: { } path }) Resume(run, checkpoint, path);
        else services.Log.Note(new("info", "started", Describe(data)));

        var generation = Math.Max(options.Checkpoints?.Generation ?? 0, latest?.Name?.Generation ?? 0);
        using var writer = _store is null ? null : new CheckpointWriter(_store, generation, services.Log.CheckpointSaved);
        using var loader = data.TrainLoader(options, services.Time);
        using var validation = data.ValidationLoader();
        var meter = new TrainingMeter(services.Time, services.ProcessStart);
        var loop = new TrainingLoop(options, services, run, loader, validation, data.Images.Train.Classes, writer, meter, device);
        loop.Run();
        return Finish(run, data, meter, device);
    }

    private RunIdentity Identity(TrainingData data)
    {
        var train = data.Images.Train;
        var spec = new ModelSpec(
            options.Model.Name, options.Model.BatchNorm, options.Model.Dropout, train.Channels, train.Height, train.Width, train.Classes.Count);
        return new(
            spec, options.Optimizer.Kind, options.Optimizer.Momentum > 0, data.TrainIndices.Length, data.ValidationIndices.Length, options.BatchSize, options.Seed);
    }

    private string Describe(TrainingData data)
    {
        var train = data.Images.Train;
        return $"{options.Model.Name} on {data.TrainIndices.Length} images of {train.Channels}x{train.Height}x{train.Width} in {train.Classes.Count} classes"
            + $", {data.ValidationIndices.Length} for validation, {data.Images.Test?.Count ?? 0} for the test; {options.Epochs} epochs, {options.Threads} threads";
    }

    private void Resume(TrainingRun run, Checkpoint checkpoint, string path)
    {
        run.Restore(checkpoint, path);
        services.Log.Note(new("info", "resumed", $"continuing at step {run.Step} (epoch {run.Epoch + 1}, batch {run.BatchInEpoch + 1}) from {path}"));
    }

    /// <summary>Tests the model and writes the bundle. What was trained is in a checkpoint by now: a kill in here loses no step.</summary>
    private TrainingResult Finish(TrainingRun run, TrainingData data, TrainingMeter meter, TorchSharp.torch.Device device)
    {
        var metrics = new SortedDictionary<string, double>((run.BestMetrics ?? run.Metrics).ToDictionary(), StringComparer.Ordinal) { ["epochs"] = run.Epoch };
        if (run.Best is { } best)
        {
            run.LoadWeights(best, options.Output);
            metrics["bestEpoch"] = run.EarlyStopping.BestEpoch;
            services.Log.Note(new("info", "best-epoch", $"the result is the model of epoch {run.EarlyStopping.BestEpoch}, which had the lowest validation loss"));
        }

        using (var loader = data.TestLoader())
        {
            if (loader is not null)
            {
                services.Log.Report(new(TrainingPhase.Testing, run.Epoch, options.Epochs, run.Step, run.Step, double.NaN, metrics, 0, 0, meter.DataWaitShare, null));
                var test = Evaluator.Run(run.Model, loader, data.Images.Train.Classes, device, services.Stop.Token);
                (metrics["testAccuracy"], metrics["testLoss"]) = (test.Accuracy, test.MeanLoss);
            }
        }

        var figures = meter.Figures(options.Threads, ProcessMemory.PeakMiB());
        ModelBundle.Write(services.Storage.Open(options.Output), services.NewUid(), run.CopyWeights(), weights => new(
            ModelManifest.ImageClassification, run.Model.Spec, data.Images.Train.Classes, data.Normalization, weights, RunFingerprint.Of(options), metrics, figures));
        if (options.Report is { } report) WriteReport(report, figures, metrics);
        return new(options.Output, metrics);
    }

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
