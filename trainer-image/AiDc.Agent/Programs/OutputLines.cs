namespace AiDc.Agent.Programs;

/// <summary>Cuts what a program writes into lines. A line that grows too long goes in parts, so that a program without newlines costs no memory.</summary>
internal sealed class OutputLines(int longest = OutputLines.Longest)
{
    public const int Longest = 16 * 1024;

    private readonly byte[] line = new byte[longest];
    private int length;

    public bool HasRest => length > 0;

    /// <param name="take">Gets each line, its end included where it has one. A carriage return alone ends a line too: progress bars have no other.</param>
    public void Add(ReadOnlySpan<byte> written, Action<ReadOnlyMemory<byte>> take)
    {
        foreach (var b in written)
        {
            line[length++] = b;
            if (b is (byte)'\n' or (byte)'\r' || length == line.Length)
                Flush(take);
        }
    }

    /// <summary>Takes the rest, which has no end.</summary>
    public void Flush(Action<ReadOnlyMemory<byte>> take)
    {
        if (length > 0)
            take(line.AsMemory(0, length));
        length = 0;
    }
}

/// <summary>The end of what a program wrote.</summary>
internal sealed class OutputTail(int most = OutputTail.Most)
{
    public const int Most = 3 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<byte[]> lines = new();
    private int size;

    public void Add(ReadOnlySpan<byte> line)
    {
        lock (gate)
        {
            lines.Enqueue((line.Length > most ? line[^most..] : line).ToArray());
            size += lines.Last().Length;
            while (size > most)
                size -= lines.Dequeue().Length;
        }
    }

    public byte[] Bytes()
    {
        lock (gate)
            return [.. lines.SelectMany(l => l)];
    }
}
