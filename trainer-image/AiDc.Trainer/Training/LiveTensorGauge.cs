namespace AiDc.Trainer.Training;

/// <summary>
/// Tells whether tensors pile up: compares the fewest live ones within a window of steps early in the run with the fewest within a window
/// 1,000 steps later. The fewest, since the loader's thread holds a few more at some moments.
/// </summary>
public sealed class LiveTensorGauge
{
    private const int WarmUp = 100;
    private const int Window = 50;
    private const int Distance = 1000;

    private long _early = long.MaxValue;
    private long _late = long.MaxValue;

    /// <summary>Steps that this gauge has seen.</summary>
    public long Steps { get; private set; }

    /// <summary>Tensors more than 1,000 steps before; null until that many were seen.</summary>
    public long? Growth => Steps >= WarmUp + Window + Distance ? _late - _early : null;

    public void AfterStep(long liveTensors)
    {
        var step = Steps++;
        if (step is >= WarmUp and < WarmUp + Window) _early = Math.Min(_early, liveTensors);
        if (step is >= WarmUp + Distance and < WarmUp + Distance + Window) _late = Math.Min(_late, liveTensors);
    }
}
