namespace AiDc.Trainer.Distributed;

/// <summary>The other processes of a pod, which follow its first one. Orders return at once.</summary>
internal interface ILocalProcesses : IDisposable
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Sets who hears of them; called once, before any order. The callbacks come on threads of their own.</summary>
    /// <param name="ready">All of them are prepared for that generation and listen at these addresses, by local rank from 1.</param>
    /// <param name="broken">The group of that generation broke for one of them: closed ranks and what happened.</param>
    /// <param name="ended">One of them is gone: why, and with which exit code.</param>
    void Listen(Action<long, IReadOnlyList<byte[]>> ready, Action<long, IReadOnlyList<int>, string> broken, Action<string, int> ended);

    /// <summary>Completes when all of them have read their data and built their models.</summary>
    void WaitUntilPrepared(CancellationToken cancellation);

    void Form(long generation, int firstRank, int size);

    void Start(long generation, IReadOnlyList<byte[]> addresses, int owner);

    /// <summary>Gives the group of that generation up.</summary>
    void Drop(long generation);

    /// <summary>They are asked to end, and go on taking part until they are let go.</summary>
    void AskToEnd();
}

/// <summary>One of the pod's processes ended before the others.</summary>
public sealed class LocalProcessException(string message, int exitCode) : TrainerException(message, exitCode);
