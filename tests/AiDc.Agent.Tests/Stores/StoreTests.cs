using System.Text;
using AiDc.Agent.Stores;

namespace AiDc.Agent.Tests.Stores;

public sealed class StoreTests
{
    private readonly StoreTable table = new();

    [Test]
    public void A_client_of_torch_2_is_known_by_its_number_and_its_requests_are_read_whatever_the_pieces_they_come_in()
    {
        byte[] sent = [0, .. BitConverter.GetBytes(StoreParser.Magic), 13, .. BitConverter.GetBytes(77u), 1, .. Framed("k"), .. Framed("value"), 4, .. Framed("n"), .. BitConverter.GetBytes(-2L)];
        var whole = Read(new(), sent, sent.Length);

        Assert.That(whole.Select(r => r.Query), Is.EqualTo((StoreQuery[])[StoreQuery.Validate, StoreQuery.Ping, StoreQuery.Set, StoreQuery.Add]));
        Assert.That(whole[2].Values[0], Is.EqualTo("value"u8.ToArray()));
        Assert.That(whole[3].Number, Is.EqualTo(-2));
        Assert.That(Read(new(), sent, 1).Select(r => r.Query), Is.EqualTo(whole.Select(r => r.Query)));
    }

    [Test]
    public void A_client_of_torch_1_has_other_numbers()
    {
        byte[] sent = [0, .. Framed("k"), .. Framed("v"), 2, .. Framed("k"), 8, .. Framed("k"), 6];

        Assert.That(Read(new(), sent, 3).Select(r => r.Query), Is.EqualTo((StoreQuery[])[StoreQuery.Set, StoreQuery.Get, StoreQuery.Delete, StoreQuery.NumberOfKeys]));
    }

    [TestCase((byte)9)]
    [TestCase((byte)7)]
    [TestCase((byte)'G')]
    public void What_is_no_request_is_refused(byte first) =>
        Assert.That(() => new StoreParser().Read([first, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _), Throws.InstanceOf<StoreProtocolException>());

    [Test]
    public void A_key_or_a_value_that_is_too_long_is_refused_before_it_is_there()
    {
        byte[] key = [0, .. BitConverter.GetBytes((long)StoreParser.LongestKey + 1)];
        byte[] value = [0, .. Framed("k"), .. BitConverter.GetBytes((long)StoreParser.LongestValue + 1)];

        Assert.That(() => new StoreParser().Read(key, out _), Throws.InstanceOf<StoreProtocolException>().With.Message.Contains("8192"));
        Assert.That(() => new StoreParser().Read(value, out _), Throws.InstanceOf<StoreProtocolException>());
    }

    [Test]
    public void Whoever_waits_for_several_keys_is_woken_by_the_last()
    {
        var client = new Recorder();
        table.Execute(client, new(StoreQuery.Wait, ["a", "b"], []));
        table.Execute(new Recorder(), new(StoreQuery.Set, ["a"], [[1]]));

        Assert.That(client.Bytes, Is.Empty);
        table.Execute(new Recorder(), new(StoreQuery.Add, ["b"], [], 1));
        Assert.That(client.Bytes, Is.EqualTo(new byte[] { 0 }));
    }

    [Test]
    public void A_wait_that_was_given_up_is_not_answered_later()
    {
        var client = new Recorder();
        table.Execute(client, new(StoreQuery.Wait, ["a"], []));
        table.Execute(client, new(StoreQuery.CancelWait, [], []));
        table.Execute(client, new(StoreQuery.Set, ["a"], [[1]]));

        Assert.That(client.Bytes, Is.EqualTo(new byte[] { 1 }));
    }

    [Test]
    public void A_key_is_claimed_once()
    {
        Assert.That(table.TryClaim("k", [1]), Is.True);
        Assert.That(table.TryClaim("k", [2]), Is.False);
    }

    [Test]
    public void A_number_is_added_to_only_where_there_is_one()
    {
        table.Execute(new Recorder(), new(StoreQuery.Set, ["k"], ["text"u8.ToArray()]));

        Assert.That(() => table.Execute(new Recorder(), new(StoreQuery.Add, ["k"], [], 1)), Throws.InstanceOf<StoreProtocolException>().With.Message.Contains("'k'"));
    }

    [Test]
    public void The_store_is_bounded()
    {
        var value = new byte[StoreParser.LongestValue];
        Assert.That(
            () =>
            {
                for (var i = 0; i < 9; i++)
                    table.Execute(new Recorder(), new(StoreQuery.Set, [$"{i}"], [value]));
            },
            Throws.InstanceOf<StoreProtocolException>().With.Message.Contains("full"));
    }

    [Test]
    public async Task Of_several_agents_that_claim_the_first_failure_over_the_network_one_gets_it()
    {
        await using var server = StoreServer.Open(_ => { });
        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            StoreClaim.TryAsync("127.0.0.1", server.Port, "first", [(byte)('0' + i)], TimeProvider.System, CancellationToken.None)));

        Assert.That(claims.Count(c => c == true), Is.EqualTo(1));
        Assert.That(claims.Count(c => c == false), Is.EqualTo(7));
        Assert.That(server.TryClaim("first", [9]), Is.False);
    }

    [Test]
    public async Task A_store_that_is_gone_says_nothing_of_who_failed()
    {
        int port;
        await using (var server = StoreServer.Open(_ => { }))
            port = server.Port;

        Assert.That(await StoreClaim.TryAsync("127.0.0.1", port, "first", [1], TimeProvider.System, CancellationToken.None), Is.Null);
    }

    private static List<StoreRequest> Read(StoreParser parser, byte[] sent, int piece)
    {
        var requests = new List<StoreRequest>();
        var (begin, end) = (0, 0);
        while (end < sent.Length)
        {
            end = Math.Min(sent.Length, end + piece);
            while (parser.Read(sent.AsSpan(begin, end - begin), out var consumed) is { } request)
            {
                requests.Add(request);
                begin += consumed;
            }
        }

        return requests;
    }

    private static byte[] Framed(string text) => [.. BitConverter.GetBytes((long)text.Length), .. Encoding.ASCII.GetBytes(text)];

    private sealed class Recorder : IStoreClient
    {
        public List<byte> Bytes { get; } = [];

        public void Answer(byte[] bytes) => Bytes.AddRange(bytes);
    }
}
