using System.Buffers;
using System.IO.Pipelines;
using AiDc.Trainer.Serving.Admission;
using AiDc.Trainer.Serving.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace AiDc.Trainer.Serving.Rpc;

/// <summary>
/// A request's body that counts what it holds: gRPC reads a message whole before anybody sees it, however large it is. It also looks at the
/// message's head, of which gRPC only says that something was wrong.
/// </summary>
internal sealed class BudgetedReader(PipeReader inner, MemoryBudget budget) : PipeReader, IRequestBodyPipeFeature, IDisposable
{
    private static readonly AsyncLocal<BudgetedReader?> Reading = new();

    private long _reserved;
    private long _inflated;

    /// <summary>That of the call in which this is asked.</summary>
    public static BudgetedReader? Current => Reading.Value;

    public PipeReader Reader => this;

    /// <summary>From now on this is the one of the call.</summary>
    public BudgetedReader AsCurrent()
    {
        Reading.Value = this;
        return this;
    }

    /// <summary>Takes what a compressed message grows to.</summary>
    /// <exception cref="ServingException">There is not so much left.</exception>
    public void TakeInflated(int bytes)
    {
        budget.Reserve(bytes, _reserved + _inflated);
        _inflated += bytes;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var result = await inner.ReadAsync(cancellationToken);
        Count(result);
        return result;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result)) return false;
        Count(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public void Dispose() => budget.Release(Interlocked.Exchange(ref _reserved, 0) + Interlocked.Exchange(ref _inflated, 0));

    private void Count(ReadResult result)
    {
        var length = result.Buffer.Length;
        if (length <= _reserved) return;
        try
        {
            if (_reserved == 0) CheckHead(result.Buffer);
            budget.Reserve(length - _reserved);
        }
        catch (ServingException error)
        {
            // Nobody but gRPC stands between this and the client.
            throw InferenceService.Status(error);
        }

        _reserved = length;
    }

    /// <summary>A byte that says whether the message is compressed, and its length.</summary>
    private static void CheckHead(ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan is not [var compressed, ..]) return;
        if (compressed > 1) throw ServingException.Invalid($"the message begins with {compressed}: before it must be 0 (not compressed) or 1, and its length");
        if (buffer.FirstSpan is [_, > 0x7F, ..]) throw new ServingException(ServingError.TooLarge, "the message says that it has more than 2 GiB");
    }
}
