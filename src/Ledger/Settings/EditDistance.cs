namespace ActivityHub.Ledger.Settings;

/// <summary>Counts the letters by which two words differ: omitted, added, changed, or two neighbours swapped.</summary>
internal static class EditDistance
{
    public static int Between(string first, string second)
    {
        var (before, last, row) = (new int[second.Length + 1], new int[second.Length + 1], new int[second.Length + 1]);
        for (var column = 0; column <= second.Length; column++)
        {
            last[column] = column;
        }

        for (var line = 1; line <= first.Length; line++)
        {
            row[0] = line;
            for (var column = 1; column <= second.Length; column++)
            {
                var change = first[line - 1] == second[column - 1] ? 0 : 1;
                row[column] = Math.Min(Math.Min(row[column - 1], last[column]) + 1, last[column - 1] + change);
                if (line > 1 && column > 1 && first[line - 1] == second[column - 2] && first[line - 2] == second[column - 1])
                {
                    row[column] = Math.Min(row[column], before[column - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[second.Length];
    }
}
