using System.Diagnostics.CodeAnalysis;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Batching;

/// <summary>
/// Whether a model that fails does so whatever it is asked, or only on what it was asked: it is given a sample that it has computed before.
/// A model that fails is to get no more requests, but one caller's wrong values must not take it from all others. But for
/// <see cref="IsFailing"/>, for the thread that computes.
/// </summary>
internal sealed class ModelHealth(IServedModel model, TimeProvider time)
{
    /// <summary>Failures in a row, without a success between them.</summary>
    public const int Most = 5;

    /// <summary>How often a model that fails is looked at again.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Where no sample is known only a request can tell: after this it gets one again.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private const int LargestSample = 1 << 20;

    private volatile IReadOnlyList<TensorValue>? _sample;
    private int _failures;
    private long _failed;

    /// <summary>Whether it has failed again and again and is not known to compute again.</summary>
    public bool IsFailing => Volatile.Read(ref _failures) >= Most && (_sample is not null || time.GetElapsedTime(Volatile.Read(ref _failed)) < Rest);

    /// <summary>Whether it can be found out without a request.</summary>
    public bool CanLook => _sample is not null;

    /// <param name="sample">Computed by the model; the memory is not written to any more.</param>
    public void Trust(IReadOnlyList<TensorValue> sample) => _sample ??= sample;

    /// <summary>It has computed these.</summary>
    public void Computed(IReadOnlyList<TensorValue> inputs)
    {
        if (Volatile.Read(ref _failures) > 0) Volatile.Write(ref _failures, 0);
        if (_sample is null && inputs.Sum(i => (long)i.Data.Length) <= LargestSample) Trust([.. inputs.Select(i => i with { Data = i.Data.ToArray() })]);
    }

    /// <summary>It has failed on what it was asked.</summary>
    /// <returns>Whether it is the request's fault: the model still computes what it has computed before.</returns>
    public bool BlamesRequest()
    {
        if (Works()) return true;
        Volatile.Write(ref _failed, time.GetTimestamp());
        Volatile.Write(ref _failures, Math.Min(Most, Volatile.Read(ref _failures) + 1));
        return false;
    }

    /// <summary>Looks whether it computes again.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a model does, the server goes on.")]
    public bool Works()
    {
        if (_sample is not { } sample) return false;
        try
        {
            model.Run(sample);
        }
        catch (Exception)
        {
            return false;
        }

        Volatile.Write(ref _failures, 0);
        return true;
    }
}
