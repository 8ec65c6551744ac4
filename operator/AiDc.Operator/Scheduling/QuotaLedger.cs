namespace AiDc.Operator.Scheduling;

/// <summary>
/// Who uses how much of which quota. An account is a queue's quota of one flavour; accounts of the same flavour in one cohort are a pool: each keeps what
/// it does not lend, and the rest is for all. Sums are of 128 bits: no int64 makes one wrap around.
/// </summary>
internal sealed class QuotaLedger
{
    private readonly int resources;
    private readonly Account[] accounts;
    private readonly Int128[] used;
    private readonly Dictionary<(string Queue, string Flavor), int> indexes = [];
    private readonly Dictionary<string, int> pools = new(StringComparer.Ordinal);
    private readonly List<List<int>> members = [];

    public QuotaLedger(IEnumerable<SchedulingQueue> queues, int resources)
    {
        this.resources = resources;
        List<Account> all = [];
        foreach (var queue in queues)
            foreach (var flavor in queue.Flavors)
            {
                if (!indexes.TryAdd((queue.Name, flavor.Name), all.Count)) continue;
                var pool = queue.Cohort is null ? $"queue\n{queue.Name}\n{flavor.Name}" : $"cohort\n{queue.Cohort}\n{flavor.Name}";
                if (!pools.TryGetValue(pool, out var number))
                {
                    pools[pool] = number = members.Count;
                    members.Add([]);
                }
                members[number].Add(all.Count);
                all.Add(new(flavor, number));
            }
        accounts = [.. all];
        used = new Int128[accounts.Length * resources];
    }

    public int Count => accounts.Length;

    /// <returns>-1 where the queue has no such flavour.</returns>
    public int IndexOf(string queue, string flavor) => indexes.GetValueOrDefault((queue, flavor), -1);

    public int PoolOf(int account) => accounts[account].Pool;

    public Int128 Used(int account, int resource) => used[(account * resources) + resource];

    /// <summary>Of all accounts, to reckon on with.</summary>
    public Int128[] Copy() => [.. used];

    public void Add(int account, Amounts perPod, int pods) => Add(used, account, perPod, pods);

    public void Add(Int128[] usage, int account, Amounts perPod, int pods)
    {
        if (account < 0) return;
        // An admitted job that was edited to ask for less than nothing gives nobody quota.
        for (var r = 0; r < resources; r++) usage[(account * resources) + r] += (Int128)Math.Max(0, perPod[r]) * pods;
    }

    public bool Fits(int account, Amounts perPod, int pods) => Fits(used, account, perPod, pods);

    /// <summary>Whether so many pods more are within the account's own limit, and all of its pool within the pool.</summary>
    public bool Fits(Int128[] usage, int account, Amounts perPod, int pods)
    {
        for (var r = 0; r < resources; r++)
        {
            var more = (Int128)perPod[r] * pods;
            if (more == 0) continue;
            if (usage[(account * resources) + r] + more > accounts[account].Limit(r)) return false;
            if (InPool(usage, account, r, more) > Lent(account, r)) return false;
        }
        return true;
    }

    /// <summary>Whether it could ever be, with nobody else there.</summary>
    public bool FitsEver(int account, Amounts perPod, int pods) => Fits(new Int128[used.Length], account, perPod, pods);

    /// <summary>Whether the queue stays within its own quota with so many pods more.</summary>
    public bool IsWithinNominal(int account, Amounts perPod, int pods)
    {
        for (var r = 0; r < resources; r++)
            if (perPod[r] > 0 && Used(account, r) + ((Int128)perPod[r] * pods) > accounts[account].Nominal(r)) return false;
        return true;
    }

    /// <summary>Whether it uses more than its own of a resource that is asked for.</summary>
    public bool Borrows(int account, Amounts wanted)
    {
        for (var r = 0; r < resources; r++)
            if (wanted[r] > 0 && Used(account, r) > accounts[account].Nominal(r)) return true;
        return false;
    }

    /// <summary>The most that the account may use of a resource, with all that its pool could lend it.</summary>
    public Int128 Most(int account, int resource) =>
        Int128.Min(accounts[account].Limit(resource), accounts[account].Kept(resource) + Lent(account, resource));

    private Int128 InPool(Int128[] usage, int account, int resource, Int128 more)
    {
        Int128 sum = 0;
        foreach (var member in members[accounts[account].Pool])
        {
            var beyond = usage[(member * resources) + resource] + (member == account ? more : 0) - accounts[member].Kept(resource);
            if (beyond > 0) sum += beyond;
        }
        return sum;
    }

    private Int128 Lent(int account, int resource)
    {
        Int128 sum = 0;
        foreach (var member in members[accounts[account].Pool]) sum += accounts[member].Nominal(resource) - accounts[member].Kept(resource);
        return sum;
    }

    private sealed record Account(QueueFlavor Flavor, int Pool)
    {
        public Int128 Nominal(int resource) => Math.Max(0, Flavor.Nominal[resource]);

        /// <summary>What nobody else may use.</summary>
        public Int128 Kept(int resource) =>
            Flavor.LendingLimit is { } lent ? Int128.Max(0, Nominal(resource) - Math.Max(0, lent[resource])) : 0;

        public Int128 Limit(int resource) => Flavor.BorrowingLimit is { } more ? Nominal(resource) + Math.Max(0, more[resource]) : Int128.MaxValue;
    }
}
