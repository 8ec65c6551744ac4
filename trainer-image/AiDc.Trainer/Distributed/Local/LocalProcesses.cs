using System.Diagnostics;
using System.Globalization;
using AiDc.Api;

namespace AiDc.Trainer.Distributed.Local;

/// <summary>The pod's processes with the local ranks from 1, as children of the first.</summary>
/// <param name="count">How many, without the first.</param>
/// <param name="command">How one is started, by its local rank.</param>
/// <param name="stopping">Whether the pod was asked to end: then their end is no failure.</param>
internal sealed class LocalProcesses(int count, Func<int, ProcessStartInfo> command, Func<bool> stopping) : ILocalProcesses
{
    private readonly object _gate = new();
    private readonly List<LocalProcess> _processes = [];
    private readonly HashSet<int> _prepared = [];
    private readonly SortedDictionary<int, byte[]> _addresses = [];
    private long _generation;
    private bool _failed;
    private Action<long, IReadOnlyList<byte[]>>? _ready;
    private Action<long, IReadOnlyList<int>, string>? _broken;
    private Action<string, int>? _ended;

    public int Count => count;

    /// <summary>Takes what a process writes to its standard output that is not of the protocol.</summary>
    public Action<string> Stray { get; init; } = _ => { };

    /// <summary>Their process ids, by local rank from 1.</summary>
    public IReadOnlyList<int> Ids => [.. _processes.Select(p => p.Id)];

    public void Listen(Action<long, IReadOnlyList<byte[]>> ready, Action<long, IReadOnlyList<int>, string> broken, Action<string, int> ended)
    {
        (_ready, _broken, _ended) = (ready, broken, ended);
        for (var i = 1; i <= count; i++)
        {
            var rank = i;
            _processes.Add(new(command(rank), message => Said(rank, message), code => Ended(rank, code), line => Stray($"local rank {rank}: {line}")));
        }
    }

    public void WaitUntilPrepared(CancellationToken cancellation)
    {
        using var wake = cancellation.Register(() =>
        {
            lock (_gate) Monitor.PulseAll(_gate);
        });
        lock (_gate)
        {
            while (_prepared.Count < count && !_failed && !cancellation.IsCancellationRequested) Monitor.Wait(_gate);
        }
    }

    public void Form(long generation, int firstRank, int size)
    {
        lock (_gate)
        {
            _generation = generation;
            _addresses.Clear();
        }

        for (var i = 0; i < _processes.Count; i++) _processes[i].Send(new(ToLocalProcess.Word.Form, generation, firstRank + i, size));
    }

    public void Start(long generation, IReadOnlyList<byte[]> addresses, int owner) =>
        Send(new(ToLocalProcess.Word.Start, generation, Owner: owner, Addresses: addresses));

    public void Drop(long generation) => Send(new(ToLocalProcess.Word.Drop, generation));

    public void AskToEnd() => Send(new(ToLocalProcess.Word.AskedToEnd));

    public void Dispose()
    {
        foreach (var process in _processes) process.Dispose();
    }

    private void Send(ToLocalProcess message)
    {
        foreach (var process in _processes) process.Send(message);
    }

    private void Said(int rank, FromLocalProcess message)
    {
        switch (message.Kind)
        {
            case FromLocalProcess.Word.Prepared:
                lock (_gate)
                {
                    _prepared.Add(rank);
                    Monitor.PulseAll(_gate);
                }

                break;
            case FromLocalProcess.Word.Ready:
                if (Complete(rank, message) is { } addresses) _ready?.Invoke(message.Generation, addresses);
                break;
            case FromLocalProcess.Word.Broken:
                _broken?.Invoke(message.Generation, message.ClosedRanks ?? [], message.Reason ?? "");
                break;
        }
    }

    private List<byte[]>? Complete(int rank, FromLocalProcess message)
    {
        lock (_gate)
        {
            if (message.Generation != _generation) return null;
            _addresses[rank] = message.Address ?? [];
            return _addresses.Count == count ? [.. _addresses.Values] : null;
        }
    }

    private void Ended(int rank, int exitCode)
    {
        if (exitCode == ExitCodes.Success || stopping()) return;
        lock (_gate)
        {
            _failed = true;
            Monitor.PulseAll(_gate);
        }

        // What it was about is in its own last lines. Its code is the pod's, unless a signal ended it.
        var code = exitCode is ExitCodes.Configuration or ExitCodes.Storage or ExitCodes.Diverged ? exitCode : ExitCodes.UnexpectedFailure;
        _ended?.Invoke(string.Create(CultureInfo.InvariantCulture, $"the pod's process with local rank {rank} ended with code {exitCode}"), code);
    }
}
