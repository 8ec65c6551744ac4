using AiDc.Api;
using AiDc.Trainer.Data;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Training;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Training;

/// <summary>A folder with the toy problem's data, and what it takes to run a training below it.</summary>
internal sealed class RunFolder : IDisposable
{
    private int _uid;

    public RunFolder(int train = 100, int test = 40)
    {
        ToyProblem.Write(Data, train, test);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("aidc-run-").FullName;

    public string Data => Path.Combine(Root, "data");

    /// <summary>10 batches an epoch of the 100 images that there are unless told otherwise; dropout on.</summary>
    public TrainingOptions Options(string name, int epochs = 2) => new(
        Data,
        DataFormat.Idx,
        ValidationSplit: 0,
        new("cnn", BatchNorm: false, Dropout: 0.25),
        epochs,
        BatchSize: 10,
        new(OptimizerKind.Adam, 0.003, 0, 0),
        new(ScheduleKind.Constant),
        EarlyStopping: null,
        Seed: 7,
        new(Path.Combine(Root, name), TimeSpan.FromDays(1), Keep: 3, Generation: 0),
        Path.Combine(Root, name, "model"),
        Threads: 1,
        Report: null);

    /// <summary>Runs to the end; the clock moves a second each time that it is looked at, so that every step is reported.</summary>
    public TrainingResult Run(TrainingOptions options, RecordingLog? log = null, StopSignal? stop = null, string? terminationLog = null, string? job = null)
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) };
        using var never = new StopSignal();
        var services = new TrainerServices(log ?? new RecordingLog(), stop ?? never, time, NewUid, time.GetUtcNow(), terminationLog) { Job = job };
        return new AiDc.Trainer.Training.Trainer(options, services).Run();
    }

    /// <summary>Runs until that phase at that step, then is asked to stop as by SIGTERM.</summary>
    public RecordingLog RunUntil(TrainingOptions options, long step, TrainingPhase phase = TrainingPhase.Training)
    {
        using var stop = new StopSignal();
        var log = new RecordingLog { OnReport = p => { if (p.Phase == phase && p.Step == step) stop.Request(ExitCodes.Terminated); } };
        var stopped = Assert.Throws<StoppedException>(() => Run(options, log, stop));
        Assert.That(stopped!.ExitCode, Is.EqualTo(143));
        return log;
    }

    public static byte[] Weights(TrainingOptions options) => File.ReadAllBytes(Path.Combine(options.Output, "model.safetensors"));

    public string NewUid() => $"{Interlocked.Increment(ref _uid):x8}";

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
