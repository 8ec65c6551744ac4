using AiDc.Trainer.Reporting;

namespace AiDc.Trainer.Training;

/// <summary>Times the training loop. Holds no tensors; all times come from the clock it was given.</summary>
/// <param name="processStart">When the process began, for the time to the first step.</param>
public sealed class TrainingMeter(TimeProvider time, DateTimeOffset processStart)
{
    private readonly LiveTensorGauge _tensors = new();
    private long _loopStarted;
    private TimeSpan _loop;
    private TimeSpan _waited;
    private TimeSpan _checkpointCopies;
    private long _samples;
    private long _steps;
    private double _firstStepSeconds;
    private long _reportStarted;
    private long _reportSamples;
    private long _reportSteps;
    private double _reportLoss;
    private TimeSpan _reportCollectives;
    private TimeSpan _collectives;
    private long _bytesReduced;
    private bool _grouped;

    /// <summary>Steps that this process has done.</summary>
    public long Steps => _tensors.Steps;

    public double DataWaitShare => Elapsed.Ticks > 0 ? Math.Clamp(_waited / Elapsed, 0, 1) : 0;

    /// <summary>Mean duration of a step so far; 0 before the second.</summary>
    public double StepSeconds => _steps > 0 ? Elapsed.TotalSeconds / _steps : 0;

    public TimeSpan SinceReport => time.GetElapsedTime(_reportStarted);

    private TimeSpan Elapsed => _loop + (_loopStarted != 0 ? time.GetElapsedTime(_loopStarted) : TimeSpan.Zero);

    /// <summary>The loop of an epoch begins.</summary>
    public void Resume()
    {
        _loopStarted = time.GetTimestamp();
        StartReport();
    }

    /// <summary>The loop of an epoch ended: validation and the like do not count as training.</summary>
    public void Pause()
    {
        if (_loopStarted == 0) return;
        _loop = Elapsed;
        _loopStarted = 0;
    }

    /// <param name="waited">Time that the step waited for its batch.</param>
    public void AfterStep(int samples, double loss, TimeSpan waited, long liveTensors)
    {
        _tensors.AfterStep(liveTensors);
        _reportSteps++;
        _reportSamples += samples;
        _reportLoss += loss;
        LastLoss = loss;
        if (_tensors.Steps == 1)
        {
            // The first step pays for reading, warming up and compiling; it has a figure of its own.
            _firstStepSeconds = (time.GetUtcNow() - processStart).TotalSeconds;
            _loop = TimeSpan.Zero;
            _loopStarted = time.GetTimestamp();
            return;
        }

        _steps++;
        _samples += samples;
        _waited += waited;
    }

    /// <summary>Of the last step; 0 before the first.</summary>
    public double LastLoss { get; private set; } = double.NaN;

    /// <summary>Ranks of the last step's group.</summary>
    public int WorldSize { get; private set; } = 1;

    /// <summary>After a step: what it spent in collectives, the waiting for slower ranks included.</summary>
    /// <param name="bytes">That the step summed.</param>
    public void AfterCollectives(TimeSpan duration, int worldSize, long bytes)
    {
        WorldSize = worldSize;
        _grouped |= worldSize > 1;
        _reportCollectives += duration;
        if (_steps == 0) return;
        _collectives += duration;
        _bytesReduced += bytes;
    }

    /// <summary>How often the run went back to a checkpoint because something was not finite.</summary>
    public int Rollbacks { get; private set; }

    public void AfterRollback() => Rollbacks++;

    public void AfterCheckpointCopy(TimeSpan duration) => _checkpointCopies += duration;

    /// <summary>What happened since the last call, or since the epoch's loop began. No speed before the second step.</summary>
    public MeterReport TakeReport()
    {
        var seconds = SinceReport.TotalSeconds;
        var timed = _steps > 0 && _reportSteps > 0 && seconds > 0;
        var stepSeconds = timed ? seconds / _reportSteps : 0;
        double? collectives = timed && _grouped ? _reportCollectives.TotalSeconds / _reportSteps : null;
        var report = new MeterReport(
            _reportSteps > 0 ? _reportLoss / _reportSteps : double.NaN,
            timed ? _reportSamples / seconds : 0,
            stepSeconds,
            Math.Max(0, stepSeconds - (collectives ?? 0)),
            collectives);
        StartReport();
        return report;
    }

    public TrainingFigures Figures(int threads, double peakMemoryMiB) => new(
        Elapsed.TotalSeconds > 0 ? _samples / Elapsed.TotalSeconds : 0,
        _firstStepSeconds,
        DataWaitShare,
        StepSeconds,
        peakMemoryMiB,
        _tensors.Growth,
        _tensors.Steps,
        threads,
        Elapsed.TotalSeconds,
        _checkpointCopies.TotalSeconds)
    {
        WorldSize = WorldSize,
        CollectiveShare = Elapsed.Ticks > 0 ? Math.Clamp(_collectives / Elapsed, 0, 1) : 0,
        BytesReduced = _bytesReduced,
        Rollbacks = Rollbacks,
        LossAfterSteps = double.IsFinite(LastLoss) ? LastLoss : null,
    };

    private void StartReport()
    {
        _reportStarted = time.GetTimestamp();
        (_reportSamples, _reportSteps, _reportLoss, _reportCollectives) = (0, 0, 0, TimeSpan.Zero);
    }
}

/// <summary>What happened since the report before.</summary>
/// <param name="Loss">Mean of the steps; NaN without any.</param>
/// <param name="SamplesPerSecond">Of all ranks together; 0 before the second step.</param>
/// <param name="StepSeconds">Mean of the steps.</param>
/// <param name="ComputeSeconds">A step without its collectives.</param>
/// <param name="Collectives">Seconds of a step in collectives; null for a run by itself.</param>
public readonly record struct MeterReport(double Loss, double SamplesPerSecond, double StepSeconds, double ComputeSeconds, double? Collectives);
