using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace AiDc.Agent.Stores;

/// <summary>Whom answers go to. Compared by reference.</summary>
internal interface IStoreClient
{
    /// <summary>Queues bytes to be sent; returns at once.</summary>
    void Answer(byte[] bytes);
}

/// <summary>What a TCPStore of torch holds, and what it answers. Not thread-safe; does no input and no output.</summary>
internal sealed class StoreTable
{
    public const int MostKeys = 1_000_000;
    public const long MostBytes = 64 * 1024 * 1024;

    private const byte StopWaiting = 0;
    private const byte WaitCancelled = 1;
    private const byte IsReady = 0;
    private const byte IsNotReady = 1;

    private readonly Dictionary<string, byte[]> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<byte[]>> queues = new(StringComparer.Ordinal);
    private readonly Dictionary<IStoreClient, HashSet<string>> awaited = [];
    private readonly Dictionary<string, List<IStoreClient>> waiting = new(StringComparer.Ordinal);
    private long bytes;

    /// <exception cref="StoreProtocolException">It cannot be carried out: the client's connection is of no more use.</exception>
    public void Execute(IStoreClient client, StoreRequest request)
    {
        switch (request.Query)
        {
            case StoreQuery.Validate:
                break;
            case StoreQuery.Ping:
                client.Answer(BitConverter.GetBytes((uint)request.Number));
                break;
            case StoreQuery.Set or StoreQuery.MultiSet:
                for (var i = 0; i < request.Keys.Count; i++)
                    Set(request.Keys[i], request.Values[i]);
                break;
            case StoreQuery.CompareSet:
                client.Answer(Framed(CompareAndSet(request.Keys[0], request.Values[0], request.Values[1])));
                break;
            case StoreQuery.Get or StoreQuery.MultiGet:
                client.Answer([.. request.Keys.SelectMany(k => Framed(values.GetValueOrDefault(k) ?? []))]);
                break;
            case StoreQuery.Add:
                client.Answer(Number(Add(request.Keys[0], request.Number)));
                break;
            case StoreQuery.Append:
                Set(request.Keys[0], [.. values.GetValueOrDefault(request.Keys[0]) ?? [], .. request.Values[0]]);
                break;
            case StoreQuery.Delete:
                client.Answer(Number(Remove(request.Keys[0]) ? 1 : 0));
                break;
            case StoreQuery.NumberOfKeys:
                client.Answer(Number(values.Count));
                break;
            case StoreQuery.Check:
                client.Answer([request.Keys.All(Has) ? IsReady : IsNotReady]);
                break;
            case StoreQuery.Wait:
                Wait(client, request.Keys);
                break;
            case StoreQuery.CancelWait:
                Forget(client);
                client.Answer([WaitCancelled]);
                break;
            case StoreQuery.QueuePush:
                Push(request.Keys[0], request.Values[0]);
                break;
            case StoreQuery.QueuePop:
                client.Answer(Pop(request.Keys[0]));
                break;
            case StoreQuery.QueueLength:
                client.Answer(Number(queues.GetValueOrDefault(request.Keys[0])?.Count ?? 0));
                break;
        }
    }

    /// <summary>Sets a key that is not there yet.</summary>
    /// <returns>Whether it was not there.</returns>
    public bool TryClaim(string key, byte[] value)
    {
        if (values.ContainsKey(key))
            return false;
        Set(key, value);
        return true;
    }

    /// <summary>The client waits for nothing any more.</summary>
    public void Forget(IStoreClient client)
    {
        if (!awaited.Remove(client, out var keys))
            return;
        foreach (var key in keys)
            if (waiting.TryGetValue(key, out var clients) && clients.Remove(client) && clients.Count == 0)
                waiting.Remove(key);
    }

    private bool Has(string key) => values.ContainsKey(key) || queues.GetValueOrDefault(key) is { Count: > 0 };

    private void Set(string key, byte[] value)
    {
        var old = values.GetValueOrDefault(key);
        Grow(value.Length - (old?.Length ?? -key.Length));
        if (value.Length > StoreParser.LongestValue || (old is null && values.Count >= MostKeys))
            throw new StoreProtocolException($"the store holds at most {MostKeys} keys, each of at most {StoreParser.LongestValue} bytes");
        values[key] = value;
        Wake(key, all: true);
    }

    private byte[] CompareAndSet(string key, byte[] expected, byte[] next)
    {
        var old = values.GetValueOrDefault(key);
        if (old is null ? expected.Length > 0 : !old.AsSpan().SequenceEqual(expected))
            return old ?? expected;
        Set(key, next);
        return next;
    }

    private long Add(string key, long amount)
    {
        if (values.TryGetValue(key, out var old))
        {
            amount += long.TryParse(old, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new StoreProtocolException($"'{key}' holds no number to add to");
        }

        Set(key, Encoding.ASCII.GetBytes(amount.ToString(CultureInfo.InvariantCulture)));
        return amount;
    }

    private bool Remove(string key)
    {
        if (!values.Remove(key, out var old))
            return false;
        Grow(-old.Length - key.Length);
        return true;
    }

    private void Push(string key, byte[] value)
    {
        Grow(value.Length + key.Length);
        if (!queues.TryGetValue(key, out var queue))
            queues[key] = queue = [];
        queue.Enqueue(value);
        Wake(key, all: false);
    }

    /// <summary>How many there were, then the first where there was one.</summary>
    private byte[] Pop(string key)
    {
        if (queues.GetValueOrDefault(key) is not { Count: > 0 } queue)
            return Number(0);
        var count = queue.Count;
        var value = queue.Dequeue();
        Grow(-value.Length - key.Length);
        if (queue.Count == 0)
            queues.Remove(key);
        return [.. Number(count), .. Framed(value)];
    }

    private void Wait(IStoreClient client, IReadOnlyList<string> keys)
    {
        Forget(client);
        var missing = keys.Where(k => !Has(k)).ToHashSet(StringComparer.Ordinal);
        if (missing.Count == 0)
        {
            client.Answer([StopWaiting]);
            return;
        }

        awaited[client] = missing;
        foreach (var key in missing)
        {
            if (!waiting.TryGetValue(key, out var clients))
                waiting[key] = clients = [];
            clients.Add(client);
        }
    }

    /// <param name="all">A value serves all who wait; an element of a queue one.</param>
    private void Wake(string key, bool all)
    {
        if (!waiting.TryGetValue(key, out var clients))
            return;
        foreach (var client in all ? clients.ToList() : [clients[0]])
        {
            clients.Remove(client);
            var left = awaited[client];
            left.Remove(key);
            if (left.Count > 0)
                continue;
            awaited.Remove(client);
            client.Answer([StopWaiting]);
        }

        if (clients.Count == 0)
            waiting.Remove(key);
    }

    private void Grow(long by)
    {
        if (bytes + by > MostBytes)
            throw new StoreProtocolException($"the store is full: it holds at most {MostBytes / (1024 * 1024)} MiB");
        bytes += by;
    }

    private static byte[] Number(long number)
    {
        var answer = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(answer, number);
        return answer;
    }

    private static byte[] Framed(byte[] value) => [.. Number(value.Length), .. value];
}
