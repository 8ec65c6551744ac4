using System.Globalization;
using AiDc.Trainer.Storage;

namespace AiDc.Trainer.Distributed;

/// <summary>A fixed group without an operator, as torchrun's environment describes it.</summary>
/// <param name="Folder">Seen by all ranks.</param>
internal sealed record RendezvousSettings(string Folder, int Rank, int Size)
{
    /// <param name="variable">Reads an environment variable.</param>
    /// <exception cref="ConfigurationException">RANK or WORLD_SIZE is missing or wrong.</exception>
    public static RendezvousSettings FromEnvironment(string folder, Func<string, string?> variable)
    {
        var size = Number("WORLD_SIZE", 1, int.MaxValue, "the number of processes, at least 1");
        return new(folder, Number("RANK", 0, size - 1, $"a number from 0 to {size - 1}, another for each process"), size);

        int Number(string name, int least, int most, string fix)
        {
            var text = variable(name);
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw new ConfigurationException($"--rendezvous {folder}: {name}={text ?? "(not set)"}; set it to {fix}");
        }
    }
}

/// <summary>A folder that all ranks see, in which each writes where it listens: how a group forms without an operator.</summary>
/// <param name="folder">Empty at first; created when missing.</param>
internal sealed class RendezvousFolder(string folder, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Says where this rank listens, whole or not at all.</summary>
    /// <exception cref="StorageException">The file could not be written.</exception>
    public void Write(int rank, byte[] address)
    {
        DurableFiles.CreateDirectory(folder);
        DurableFiles.Replace(FileOf(rank), $".{rank}.partial", stream => stream.Write(address));
    }

    /// <summary>Waits for the addresses of all ranks.</summary>
    /// <exception cref="ConfigurationException">Some did not appear in time.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public IReadOnlyList<byte[]> Read(int size, TimeSpan limit, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var missing = Enumerable.Range(0, size).Where(rank => !File.Exists(FileOf(rank))).ToList();
            if (missing.Count == 0) return [.. Enumerable.Range(0, size).Select(rank => File.ReadAllBytes(FileOf(rank)))];
            if (time.GetElapsedTime(started) > limit)
                throw new ConfigurationException($"--rendezvous {folder}: rank {missing[0]} of WORLD_SIZE={size} did not appear within {limit.TotalSeconds:0} s. Start all ranks, with the same folder");
            Task.Delay(LookEvery, time, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>The address is of no more use to anybody.</summary>
    public void Remove(int rank) => DurableFiles.TryDelete(FileOf(rank));

    private string FileOf(int rank) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"rank-{rank}.address"));
}
