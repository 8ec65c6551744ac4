using System.Buffers;
using System.Runtime.ExceptionServices;

namespace AiDc.Gateway.Bodies;

/// <summary>
/// A request's body that can be sent again: its beginning is kept, and beyond that it streams by through one buffer. Only this class reads the
/// client's stream, one read at a time, and no attempt that ends takes a read with it: Kestrel does not take up a body again whose read was
/// cancelled, and the next attempt wants the bytes that are on their way. Thread-safe; one attempt reads at a time.
/// </summary>
/// <param name="limit">Bytes that are kept at most.</param>
/// <param name="budget">What bodies may cost together; none: there is no bound but the limit.</param>
/// <param name="length">Of the whole body, where that is known.</param>
internal sealed class ReplayBody(Stream source, int limit, BodyBudget? budget = null, long? length = null) : IDisposable
{
    private const int FirstBuffer = 16 * 1024;
    private const int WindowSize = 64 * 1024;

    private readonly Lock gate = new();
    private byte[] kept = [];
    private int count;
    private byte[] window = [];
    private long windowStart;
    private int windowCount;
    private long read;
    private long reader;
    private bool ended, lost, final, disposed;
    private Task? filling;
    private bool fillsKept;
    private ExceptionDispatchInfo? fault;

    /// <summary>All that was read is still here.</summary>
    public bool IsKept
    {
        get
        {
            lock (gate) return !lost;
        }
    }

    /// <summary>It has come in to its end.</summary>
    public bool IsWhole
    {
        get
        {
            lock (gate) return ended;
        }
    }

    /// <summary>The client has been asked for more, and has not sent it yet.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (gate) return filling is { IsCompleted: false };
        }
    }

    /// <summary>The body from its beginning.</summary>
    /// <exception cref="InvalidOperationException">It is not all here any more.</exception>
    public Stream Open()
    {
        lock (gate)
        {
            if (lost) throw new InvalidOperationException("The body was longer than what is kept of it.");
            reader = 0;
        }
        return new ReplayStream(this);
    }

    /// <summary>Takes in what may be kept. Returns at the body's end, or where the rest has to stream.</summary>
    /// <param name="pause">The client has sent nothing for so long: it may be waiting for an answer to what it has sent.</param>
    public async ValueTask FillAsync(TimeSpan pause, TimeProvider clock, CancellationToken ct)
    {
        if (length > limit) return;
        while (true)
        {
            Task? more;
            lock (gate)
            {
                fault?.Throw();
                if (ended || read > count || !HasRoom()) return;
                more = More();
            }
            if (more is null) continue;
            try
            {
                await more.WaitAsync(pause, clock, ct);
            }
            catch (TimeoutException)
            {
                return;
            }
        }
    }

    /// <param name="position">How far this attempt has read.</param>
    public async ValueTask<int> ReadAsync(long position, Memory<byte> into, CancellationToken ct)
    {
        while (true)
        {
            Task? more;
            lock (gate)
            {
                if (Take(position, into.Span) is >= 0 and var got) return got;
                more = More();
            }
            if (more is not null) await more.WaitAsync(ct);
        }
    }

    /// <summary>An answer has begun, so it will not be sent again: what the attempt under way does not need any more is let go.</summary>
    public void Release()
    {
        lock (gate)
        {
            final = lost = true;
            DropRead();
        }
    }

    /// <summary>Waits until the read that is under way has ended: a body that is being read cannot be passed over.</summary>
    public async Task SettleAsync(TimeSpan most, TimeProvider clock, CancellationToken ct)
    {
        Task? under;
        lock (gate) under = filling;
        if (under is not null) await under.WaitAsync(most, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = lost = true;
            // A read that is under way writes into a buffer: it lets go of them itself.
            if (filling is not { IsCompleted: false }) DropAll();
        }
    }

    /// <returns>Bytes that were there; 0 at the body's end, -1 where more has to be read first.</returns>
    private int Take(long position, Span<byte> into)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var part = -1;
        if (position < count) part = Copy(kept.AsSpan((int)position, count - (int)position), into);
        else if (position >= windowStart && position < windowStart + windowCount)
            part = Copy(window.AsSpan((int)(position - windowStart), (int)(windowStart + windowCount - position)), into);
        else if (position < read) throw new InvalidOperationException("This part of the body is not kept any more.");
        if (part >= 0)
        {
            reader = position + part;
            DropRead();
            return part;
        }
        fault?.Throw();
        return ended ? 0 : -1;
    }

    private static int Copy(ReadOnlySpan<byte> from, Span<byte> into)
    {
        var part = Math.Min(from.Length, into.Length);
        from[..part].CopyTo(into);
        return part;
    }

    /// <returns>Null where there is more already, or what keeps it from coming is known.</returns>
    private Task? More()
    {
        if (filling is { IsCompleted: false }) return filling;
        filling = null;
        var toKept = read == count && !final && HasRoom();
        var pending = source.ReadAsync(toKept ? kept.AsMemory(count, Math.Min(kept.Length, limit) - count) : Window(), CancellationToken.None);
        if (pending.IsCompletedSuccessfully)
        {
            Took(pending.Result, toKept);
            return null;
        }
        fillsKept = toKept;
        return filling = FillAsync(pending, toKept);
    }

    private async Task FillAsync(ValueTask<int> pending, bool toKept)
    {
        try
        {
            var got = await pending.ConfigureAwait(false);
            lock (gate) Took(got, toKept);
        }
        catch (Exception e)
        {
            // Whoever reads is told.
            lock (gate) fault = ExceptionDispatchInfo.Capture(e);
        }
        lock (gate)
            if (disposed) DropAll();
    }

    private void Took(int got, bool toKept)
    {
        if (toKept) count += got;
        else windowCount = got;
        read += got;
        ended = got == 0 || read >= length;
    }

    /// <summary>The buffer for what is not kept. What it held before is lost, and with it the whole.</summary>
    private Memory<byte> Window()
    {
        if (windowCount > 0)
        {
            lost = true;
            DropKept();
        }
        if (window.Length == 0) window = ArrayPool<byte>.Shared.Rent(WindowSize);
        (windowStart, windowCount) = (read, 0);
        return window;
    }

    private bool HasRoom() => count < Math.Min(kept.Length, limit) || (count < limit && Grow());

    private bool Grow()
    {
        var wanted = length is { } known && known <= limit ? (int)known : Math.Min(limit, Math.Max(FirstBuffer, kept.Length * 2));
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(1, wanted));
        if (budget?.TryTake(larger.Length) == false)
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        kept.AsSpan(0, count).CopyTo(larger);
        GiveBack(kept);
        kept = larger;
        return true;
    }

    /// <summary>What the last attempt has read nobody reads again. A buffer that is being read into stays until that is over.</summary>
    private void DropRead()
    {
        if (final && reader >= count && !(fillsKept && filling is { IsCompleted: false })) DropKept();
    }

    private void DropKept()
    {
        GiveBack(kept);
        (kept, count) = ([], 0);
    }

    private void DropAll()
    {
        DropKept();
        if (window.Length > 0) ArrayPool<byte>.Shared.Return(window);
        (window, windowCount) = ([], 0);
    }

    private void GiveBack(byte[] buffer)
    {
        if (buffer.Length == 0) return;
        budget?.Return(buffer.Length);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}

/// <summary>One attempt's view of a <see cref="ReplayBody"/>.</summary>
internal sealed class ReplayStream(ReplayBody body) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var got = await body.ReadAsync(position, buffer, cancellationToken);
        position += got;
        return got;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Requests are read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
